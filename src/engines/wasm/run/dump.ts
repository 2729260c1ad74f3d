// A program as text: what lies where, every record in order with its barrier, then the module (wat.ts).

import { formatModule } from "../code/wat.ts";
import type { Program, ProgramRecord } from "./program.ts";
import { barrierFlag, soloFlag } from "./runtime.ts";

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

function formatRecord(record: ProgramRecord, index: number): string {
  const { flags, items, grain, work, name, label } = record;
  const share = flags & soloFlag ? "one thread" : `${items} items, ${grain} at a time`;
  const lines = flags & barrierFlag ? ["           ---- barrier ----"] : [];
  lines.push(`${String(index).padStart(4)}  ${(work / 1000).toFixed(1).padStart(9)} µs  ${name}: ${label} (${share})`);
  return lines.join("\n");
}

/** The program's records with their estimated times, and the text of its module. */
export function formatProgram(program: Program): string {
  const { memoryBytes, keptBytes, scratchBytes, records, preparations, segments, module } = program;
  const first = preparations[0]?.start ?? records.length;
  const lines = [
    `memory ${mebibytes(memoryBytes)}, of it packed weights and tables ${mebibytes(keptBytes)}, scratch ${mebibytes(scratchBytes)}`,
    ...(first < records.length ? ["", "when weights were written:"] : []),
    ...records.slice(first).map((record, i) => formatRecord(record, first + i)),
  ];
  for (const { start, end, host } of segments) {
    lines.push("", "every run:");
    for (let i = start; i < end; i++) lines.push(formatRecord(records[i], i));
    if (host) lines.push(`      then on the host: ${host.kernel.name}: ${host.label}`);
  }
  return [...lines, "", formatModule(module), ""].join("\n");
}
