"""Sound as bytes and arrays: frames, the G.711 codec, resampling."""
