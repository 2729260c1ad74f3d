// All ops, by TensorFlow's name; and what to do about those that have no row.
import { convolutionTable } from "./convolution.ts";
import { cuttingTable } from "./cutting.ts";
import { elementwiseTable } from "./elementwise.ts";
import { movementTable } from "./movement.ts";
import type { OpEntry, OpTable } from "./row.ts";
import { shapeTable } from "./shape.ts";

const tables: OpTable = Object.freeze({
  ...convolutionTable,
  ...elementwiseTable,
  ...cuttingTable,
  ...movementTable,
  ...shapeTable,
});

export const opNames: readonly string[] = Object.keys(tables);

export function opRow(name: string): OpEntry | undefined {
  return Object.hasOwn(tables, name) ? tables[name] : undefined;
}

const loops = "loops and branches that the numbers decide cannot be a static graph; convert the network without them.";
const open = "its result has no fixed shape; do it after the network.";
const lists = "tensor lists are not supported; convert the network without its post-processing.";

/** The nearest supported way, for ops that files are known to hold. */
export const opHints: Readonly<Record<string, string>> = {
  Switch: loops,
  Merge: loops,
  Enter: loops,
  Exit: loops,
  NextIteration: loops,
  LoopCond: loops,
  While: loops,
  StatelessWhile: loops,
  If: loops,
  StatelessIf: loops,
  Where: open,
  NonMaxSuppressionV2: open,
  NonMaxSuppressionV3: open,
  NonMaxSuppressionV4: open,
  NonMaxSuppressionV5: open,
  TensorArrayV3: lists,
  TensorListReserve: lists,
  TensorListFromTensor: lists,
  TensorListStack: lists,
};
