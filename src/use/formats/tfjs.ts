// The model.json of TensorFlow.js with its shards: read, not written.
import { openModel } from "../../io/tfjs/model.ts";
import { tfjsSource } from "../../io/tfjs/source.ts";
import type { FormatCode, Writable } from "./format.ts";

export const tfjsFormat: FormatCode<Writable> = {
  open: async ({ bytes, beside }) => ({ kind: "network", network: tfjsSource(await openModel(bytes, beside)) }),
};
