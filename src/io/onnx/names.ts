// What a node of a file is called in paths and errors.
import type { OnnxNode } from "./schema.ts";

const isOwnDomain = (domain: string | undefined): boolean =>
  domain === undefined || domain === "" || domain === "ai.onnx";

/** The operator, with its domain where that is not ONNX's own. */
export const operatorName = ({ opType, domain }: OnnxNode): string =>
  isOwnDomain(domain) ? (opType ?? "") : `${domain}.${opType}`;

/** The node's name, else that of its first output, else its type and place. */
export const nodeName = ({ name, opType, outputs }: OnnxNode, i: number): string =>
  name || outputs.find((o) => o !== "") || `${opType}_${i}`;
