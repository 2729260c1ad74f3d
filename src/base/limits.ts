// The most that a file may claim. Files come from strangers: without these a few hundred kilobytes could keep a program busy
// for hours or fill its memory. Every limit is far above what any network needs, and each error names the one it met.

export interface Limit {
  readonly most: number;
  /** What is counted, as the end of "at most 16 …". */
  readonly what: string;
}

const limit = (most: number, what: string): Limit => ({ most, what });

export const limits = {
  /** ONNX: messages of all kinds, and how deep they lie in each other. */
  onnxMessages: limit(1_000_000, "parts in an ONNX file"),
  onnxDepth: limit(48, "levels of parts inside each other in an ONNX file"),
  /** ONNX: nodes once functions are written out and loops unrolled. */
  onnxNodes: limit(200_000, "nodes in an ONNX graph"),
  functionDepth: limit(16, "functions of an ONNX file that call each other"),
  loopTurns: limit(1_000, "turns of a loop"),
  /** JSON read by the strict reader: model.json of TensorFlow.js, headers of safetensors. */
  jsonDepth: limit(100, "levels of lists and objects in a JSON file"),
  jsonValues: limit(4_000_000, "values in a JSON file"),
  tfjsWeights: limit(100_000, "weights in a TensorFlow.js model"),
  tfjsShards: limit(10_000, "shards in a TensorFlow.js model"),
  layerDepth: limit(256, "layers inside each other in a model"),
  safetensorsHeader: limit(100_000_000, "bytes in the header of a safetensors file"),
  safetensorsTensors: limit(100_000, "tensors in a safetensors file"),
  npyHeader: limit(65_536, "bytes in the header of an .npy file"),
  zipMembers: limit(65_534, "members in a zip archive"),
  /** All members of an archive together over its own size; beside this a mebibyte is free. */
  zipExpansion: limit(200, "times the archive's size, which its members expand to"),
} as const;
