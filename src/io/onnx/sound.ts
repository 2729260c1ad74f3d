// What a graph must fulfil before it leaves the writer. A fault found here is one of Neocog's, so it is thrown as such.
import type { OnnxGraph } from "./schema.ts";

/** Throws unless every name that is read is an input, an initializer or an earlier output, and no name is given twice. */
export function checkSound({ inputs, initializers, nodes, outputs }: OnnxGraph): void {
  const known = new Set<string>();
  const give = (name: string | undefined, where: string): void => {
    if (!name) fail(`${where} has no name`);
    else if (known.has(name)) fail(`${where} takes the name "${name}", which is given already`);
    else known.add(name);
  };
  for (const { name } of inputs) give(name, "an input");
  for (const { name } of initializers) give(name, "an initializer");
  for (const { inputs: reads, outputs: makes, opType, name: own } of nodes) {
    const where = `${opType} "${own}"`;
    for (const name of reads) {
      if (name === undefined || (name !== "" && !known.has(name)))
        fail(`${where} reads "${name}", which nothing before it makes`);
    }
    for (const name of makes) if (name !== "") give(name, where);
  }
  for (const { name } of outputs) if (!known.has(name ?? "")) fail(`the output "${name}" is made by no node`);
}

function fail(what: string): never {
  throw new Error(`the ONNX graph that was written is not sound: ${what}`);
}
