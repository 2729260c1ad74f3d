// ONNX, read and written; numbers that a large file keeps beside itself are read from there.
import { NeocogError } from "../../base/errors.ts";
import { completePreprocessing } from "../../data/preprocessing.ts";
import { exportOnnx } from "../../io/onnx/export.ts";
import { openModel } from "../../io/onnx/model.ts";
import { onnxSource } from "../../io/onnx/source.ts";
import { sourceOf } from "../../nn/source.ts";
import { taskOf, usualTask } from "../tasks/list.ts";
import type { FormatCode, Writable } from "./format.ts";

export const onnxFormat: FormatCode<Writable> = {
  open: async ({ bytes, beside }) => ({ kind: "network", network: onnxSource(await openModel(bytes, beside)) }),
  save(model, { name, output }) {
    const { classes, shape, preprocessing, weights } = model;
    const built = sourceOf(model.model).build(shape);
    const task = taskOf(model);
    const [[usual, answer]] = Object.entries(task.exported(built.output, model));
    // A file of pictures says how a picture becomes its input; another has nothing to say.
    const pictures = shape.length === 4 ? preprocessing : undefined;
    return exportOnnx(
      { [output ?? usual]: answer },
      {
        state: weights,
        ...(name === undefined ? {} : { name }),
        ...(takesAnyBatch(model) ? { batch: "batch" } : {}),
        ...(classes.length === built.output.shape[1] ? { classes } : {}),
        ...(task.name === usualTask ? {} : { metadata: { task: task.name } }),
        ...(pictures ? { preprocessing: completePreprocessing(pictures) } : {}),
      },
    );
  },
};

/** Whether the network can be built for other batches than one; some files have the batch written into their shapes. */
function takesAnyBatch({ model, shape: [, ...sizes] }: Writable): boolean {
  const source = sourceOf(model);
  if (source.fixedBatch !== undefined) return false;
  try {
    return source.build([2, ...sizes]).output.shape[0] === 2;
  } catch (error) {
    if (error instanceof NeocogError) return false;
    throw error;
  }
}
