// G.711 mu-law, as ITU-T G.711 tabulates it: one byte for each sample at 8 kHz.

export const SILENCE = 0xff;

// The code of a 16-bit sample.
export function encode(pcm) {
  let sample = pcm >> 2;
  const mask = sample < 0 ? 0x7f : 0xff;
  sample = Math.min(Math.abs(sample), 8158) + 33;
  const segment = 26 - Math.clz32(sample);
  return ((segment << 4) | ((sample >> (segment + 1)) & 15)) ^ mask;
}

// The code of a sample between -1 and 1.
export function encodeFloat(value) {
  return encode(Math.max(-32768, Math.min(32767, Math.round(value * 32768))));
}

// The sample of every code, between -1 and 1.
export const DECODED = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 15) << 3) + 132) << ((bits >> 4) & 7)) - 132;
  return (bits & 0x80 ? -magnitude : magnitude) / 32768;
});
