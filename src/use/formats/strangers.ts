// Files that are no model for Neocog, or not in this form: told by their beginning or by their name, with the way out.
interface Stranger {
  /** Such a file in a sentence: "a checkpoint of PyTorch". */
  readonly about: string;
  readonly endings: readonly string[];
  /** Whether bytes are one; absent where only the name tells. */
  readonly match?: (bytes: Uint8Array, members: readonly string[]) => boolean;
  /** What to do about one. */
  readonly mend?: string;
}

const asOther = "save the model as ONNX, or its weights as safetensors, first";
const torch = "save its weights as safetensors (safetensors.torch.save_file) or the model as ONNX first";

/** Whether bytes hold a text at a place. */
const has =
  (text: string, at = 0) =>
  (bytes: Uint8Array): boolean =>
    Array.from(text).every((sign, i) => bytes[at + i] === sign.charCodeAt(0));

const holds = (members: readonly string[], ending: string): boolean => members.some((name) => name.endsWith(ending));

const strangers: readonly Stranger[] = [
  {
    about: "a checkpoint of PyTorch",
    endings: [".pt", ".pth", ".ckpt", ".bin"],
    match: (_, members) => holds(members, "data.pkl") || holds(members, "constants.pkl"),
    mend: torch,
  },
  {
    about: "a pickle of Python",
    endings: [".pkl", ".pickle"],
    match: (bytes) => bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5,
    mend: torch,
  },
  {
    about: "a file of Keras",
    endings: [".h5", ".hdf5", ".keras"],
    match: (bytes, members) => has("\x89HDF")(bytes) || holds(members, "model.weights.h5"),
    mend: "convert it to TensorFlow.js (tensorflowjs_converter) or ONNX (tf2onnx) first",
  },
  { about: "a file of TensorFlow Lite", endings: [".tflite"], match: has("TFL3", 4), mend: asOther },
  { about: "a graph of TensorFlow", endings: [".pb"], mend: "convert it to ONNX (tf2onnx) first" },
  { about: "a GGUF file", endings: [".gguf"], match: has("GGUF"), mend: asOther },
  { about: "a model of Core ML", endings: [".mlmodel", ".mlpackage"], mend: asOther },
  { about: "one array of NumPy", endings: [".npy"], match: has("\x93NUMPY"), mend: "keep weights in an .npz" },
  { about: "a gzip archive", endings: [".gz", ".tgz"], match: has("\x1f\x8b"), mend: "unpack it first" },
  { about: "a tar archive", endings: [".tar"], match: has("ustar", 257), mend: "unpack it first" },
  { about: "a PNG picture", endings: [".png"], match: has("\x89PNG") },
  { about: "a JPEG picture", endings: [".jpg", ".jpeg"], match: has("\xff\xd8\xff") },
  { about: "a web page", endings: [".html", ".htm"], match: (bytes) => /^\s*<(!doctype|html)/i.test(textOf(bytes)) },
];

const textOf = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes.subarray(0, 60));

/** What a file is if it is none of ours: by its bytes, else by its name. */
export const strangerOf = (bytes: Uint8Array, members: readonly string[], name: string): Stranger | undefined =>
  strangers.find(({ match }) => match?.(bytes, members) === true) ?? strangerNamed(name);

/** What a file of this name would be, with the ending that tells it. */
export function strangerNamed(path: string): (Stranger & { readonly ending: string }) | undefined {
  for (const stranger of strangers) {
    const ending = stranger.endings.find((one) => path.toLowerCase().endsWith(one));
    if (ending !== undefined) return { ...stranger, ending };
  }
  return undefined;
}

/** The first bytes as numbers, and as text where they are some. */
export function beginningOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return "is empty";
  const first = bytes.subarray(0, 8);
  const numbers = Array.from(first, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = Array.from(first, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `begins with the bytes ${numbers} ("${text}")`;
}
