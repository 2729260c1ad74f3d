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
  onnxNodes: limit(100_000, "nodes in an ONNX graph"),
  functionDepth: limit(16, "functions of an ONNX file that call each other"),
  loopTurns: limit(1_000, "turns of a loop"),
  /** Numbers that a file asks for by a shape alone. */
  madeElements: limit(2 ** 26, "elements in a tensor that is made of one number"),
  /** JSON read by the strict reader: model.json of TensorFlow.js, headers of safetensors. */
  jsonDepth: limit(100, "levels of lists and objects in a JSON file"),
  jsonValues: limit(2_000_000, "values in a JSON file"),
  tfjsWeights: limit(100_000, "weights in a TensorFlow.js model"),
  tfjsShards: limit(10_000, "shards in a TensorFlow.js model"),
  tfjsLayers: limit(50_000, "layers that a TensorFlow.js model applies"),
  layerDepth: limit(256, "layers inside each other in a model"),
  safetensorsHeader: limit(100_000_000, "bytes in the header of a safetensors file"),
  safetensorsTensors: limit(100_000, "tensors in a safetensors file"),
  npyHeader: limit(65_536, "bytes in the header of an .npy file"),
  npyAxes: limit(32, "axes in an .npy file"),
  zipMembers: limit(65_534, "members in a zip archive"),
  /** All members of an archive together over its own size; beside this a mebibyte is free. */
  zipExpansion: limit(200, "times the size of a zip archive, which its members expand to"),
} as const;

/** `at most 16 functions of an ONNX file that call each other are read` */
export const atMost = ({ most, what }: Limit): string => `at most ${most} ${what} are read`;
