// The order of a recurrent cell's gates: ours is PyTorch's, ONNX has its own.
import type { Cell } from "../../ops/cards/recurrent.ts";

/** Where PyTorch's gates stand among ONNX's: i, o, f, c for i, f, g, o; z, r, h for r, z, n. */
export const gatesInOnnx: Readonly<Record<Cell, readonly number[]>> = {
  ...{ lstm: [0, 2, 3, 1], gru: [1, 0, 2], tanh: [0], relu: [0] },
};
