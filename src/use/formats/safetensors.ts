// Safetensors: weights alone, with the names that PyTorch gives them.
import { readSafetensors, writeSafetensors } from "../../io/safetensors.ts";
import type { State } from "../../run/session.ts";
import type { FormatCode } from "./format.ts";

export const safetensorsFormat: FormatCode<State> = {
  open: async ({ bytes, title }) => ({ kind: "weights", weights: readSafetensors(bytes, title).tensors }),
  save: (weights, { floats = "F32" }) => writeSafetensors(weights, { floats, metadata: new Map([["format", "pt"]]) }),
};
