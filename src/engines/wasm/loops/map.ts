// map: out[i] = f(a[i], b[i], …), four float32 lanes at a time (rows.ts).
import type { MapKernel } from "../../../kernel/kernel.ts";
import { rowMajor } from "../scalar/view.ts";
import { input, output, type StrategyContext, strategy } from "../strategy.ts";
import { emitRows, measureRows, type RowLoop } from "./rows.ts";

function loopOf(kernel: MapKernel, { inputTypes, outputTypes }: StrategyContext): RowLoop {
  return {
    shape: kernel.shape,
    operands: kernel.operands.map((access, i) => ({ access, type: inputTypes[i] })),
    targets: kernel.outputs.map((_, j) => ({ access: rowMajor(kernel.shape), type: outputTypes[j] })),
    outputs: kernel.outputs,
  };
}

export const mapStrategy = strategy<MapKernel, RowLoop>({
  name: "map.rows",
  exact: true,
  plan: loopOf,
  estimate: (loop, { profile }) => measureRows(loop, profile).work,
  emit(loop, kernel, { profile }) {
    const reads = kernel.operands.map((_, i) => input(i));
    const writes = kernel.outputs.map((_, j) => output(j));
    return {
      buffers: [],
      phases: [
        {
          name: "map",
          ...measureRows(loop, profile),
          reads,
          writes,
          emit: (k) =>
            emitRows(k, loop, {
              operands: reads.map((place) => k.address(place)),
              targets: writes.map((place) => k.address(place)),
            }),
        },
      ],
    };
  },
});
