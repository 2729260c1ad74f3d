// NumPy's .npz: weights alone, an array for each name.
import { readNpz, writeNpz } from "../../io/npy.ts";
import type { State } from "../../run/session.ts";
import type { FormatCode } from "./format.ts";

export const npzFormat: FormatCode<State> = {
  open: async ({ bytes, title }) => ({ kind: "weights", weights: readNpz(bytes, title) }),
  save: (weights) => writeNpz(weights),
};
