// Neocog's own: a model in a zip. A model folder is opened by its path, or by that of its model.json or neocog.json.
import { NeocogError } from "../../base/errors.ts";
import { isLayer } from "../../nn/layer.ts";
import { modelZip, openModel } from "../folder.ts";
import { folderOf } from "../storage/locate.ts";
import type { FormatCode, Writable } from "./format.ts";

export const modelFormat: FormatCode<Writable> = {
  async open({ bytes, location }, options) {
    const whole = bytes[0] === 0x7b ? folderOf(location) : location;
    return { kind: "model", model: await openModel(whole, options) };
  },
  save({ model, weights, classes, preprocessing }) {
    if (isLayer(model) && preprocessing) return modelZip({ model, weights, classes, preprocessing });
    throw new NeocogError("A model folder holds layers for pictures, and this network is of other operators", {
      mend: "keep its file, which everything takes as it is.",
    });
  },
};
