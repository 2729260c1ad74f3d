// All rows, by ONNX's name; and what to do about operators that have none.
import type { Row, Table } from "../row.ts";
import { controlTable } from "./control.ts";
import { convolutionTable } from "./convolution.ts";
import { elementwiseTable } from "./elementwise.ts";
import { indexingTable } from "./indexing.ts";
import { lossTable } from "./loss.ts";
import { normalizationTable } from "./normalization.ts";
import { poolingTable } from "./pooling.ts";
import { quantizationTable } from "./quantization.ts";
import { recurrentTable } from "./recurrent.ts";
import { reductionTable } from "./reduction.ts";
import { resizeTable } from "./resize.ts";
import { shapeTable } from "./shape.ts";
import { visionTable } from "./vision.ts";

const tables: Table = Object.freeze({
  ...elementwiseTable,
  ...shapeTable,
  ...controlTable,
  ...recurrentTable,
  ...reductionTable,
  ...convolutionTable,
  ...poolingTable,
  ...normalizationTable,
  ...indexingTable,
  ...resizeTable,
  ...lossTable,
  ...quantizationTable,
  ...visionTable,
});

export const tableNames: readonly string[] = Object.keys(tables);

export function rowOf(name: string): Row | undefined {
  return Object.hasOwn(tables, name) ? tables[name] : undefined;
}

const sequences = "sequences are not supported; export with tensors (stack them instead of keeping a list).";
const loops =
  "loops whose number of turns is not fixed cannot be a static graph; trace the model instead of scripting it.";

/** The nearest supported way, for operators that files are known to hold. */
export const hints: Readonly<Record<string, string>> = {
  Scan: loops,
  SequenceConstruct: sequences,
  SequenceAt: sequences,
  SequenceEmpty: sequences,
  SequenceInsert: sequences,
  SplitToSequence: sequences,
  ConcatFromSequence: sequences,
  NonZero: "its result has no fixed shape; use a mask and Where instead.",
  Compress: "its result has no fixed shape; use a mask and Where instead.",
  Unique: "its result has no fixed shape; do it after the network.",
  "com.microsoft.FusedConv":
    "export without graph optimisation (ORT_DISABLE_ALL), so that convolution and activation stay apart.",
  "com.microsoft.FusedMatMul": "export without graph optimisation (ORT_DISABLE_ALL).",
  "com.microsoft.QLinearAdd": "quantise in the QDQ format instead of QOperator.",
};
