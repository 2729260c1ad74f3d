// Telling ONNX files from others.

/** Whether bytes look like an ONNX model: the first field is the IR version, a small number, as all writers do it. */
export function match(bytes: Uint8Array): boolean {
  return (
    bytes.length > 4 &&
    bytes[0] === 0x08 &&
    bytes[1] > 0 &&
    bytes[1] < 0x20 &&
    [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(bytes[2])
  );
}
