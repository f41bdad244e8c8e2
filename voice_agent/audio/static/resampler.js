// Changes the sample rate of an endless sound, piece by piece; what one piece leaves over is kept for
// the next. It runs in an audio thread as well, so it knows nothing of the page.

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-9 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

// A windowed sinc at 90 % of the lower rate's half: speech passes, what would alias does not
// (Kaiser window, about 70 dB).
export class Resampler {
  constructor(from, to) {
    const divisor = gcd(from, to);
    this.up = to / divisor;
    this.down = from / divisor;
    const lower = Math.min(from, to);
    const cutoff = (0.9 * lower) / from; // of the input's half rate
    this.half = Math.ceil((22 * from) / lower);
    this.kernels = [];
    for (let phase = 0; phase < this.up; phase += 1) {
      const kernel = new Float32Array(2 * this.half);
      let total = 0;
      for (let tap = 0; tap < kernel.length; tap += 1) {
        const x = tap - this.half + 1 - phase / this.up;
        const edge = x / this.half;
        if (Math.abs(edge) >= 1) continue;
        const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
        kernel[tap] = sinc * bessel(7 * Math.sqrt(1 - edge * edge));
        total += kernel[tap];
      }
      this.kernels.push(kernel.map((value) => value / total));
    }
    this.history = new Float32Array(2 * this.half - 1);
    this.next = 0; // where the next output's window begins in the history
    this.phase = 0;
  }

  feed(input) {
    const samples = new Float32Array(this.history.length + input.length);
    samples.set(this.history);
    samples.set(input, this.history.length);
    const output = [];
    while (this.next + 2 * this.half <= samples.length) {
      const kernel = this.kernels[this.phase];
      let sum = 0;
      for (let tap = 0; tap < kernel.length; tap += 1) sum += samples[this.next + tap] * kernel[tap];
      output.push(sum);
      this.phase += this.down;
      this.next += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    const used = Math.min(this.next, samples.length);
    this.history = samples.slice(used);
    this.next -= used;
    return output;
  }
}
