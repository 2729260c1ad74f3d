// Who writes, in Node: a process, known by its number and by when it started, since numbers are used again; on one start
// of one machine (Linux: and in one space of process numbers, so that containers are machines of their own).
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Owner, Owners } from "./host.ts";

/** What the system's own files say, or nothing where it has none. */
function told(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return "";
  }
}

/** State and start of a process, from /proc: `pid (any name) S … start …`. */
function processAt(pid: number | "self"): { readonly state: string; readonly started: string } | undefined {
  const stat = told(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return stat === "" ? undefined : { state: fields[0], started: fields[19] };
}

let found: Required<Owner> | undefined;

/** This process. */
export function self(): Required<Owner> {
  found ??= {
    machine: [hostname(), told(() => readlinkSync("/proc/self/ns/pid"))].filter(Boolean).join(" "),
    session: told(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    process: process.pid,
    started: processAt("self")?.started ?? "",
  };
  return found;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process cannot be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether a writer still runs. */
export async function stateOf(owner: Owner): Promise<"alive" | "dead" | "unknown"> {
  const { machine, session } = self();
  if (owner.machine !== machine || owner.process === undefined) return "unknown";
  if (owner.session !== session || !runs(owner.process)) return "dead";
  const now = processAt(owner.process);
  if (!now) return "alive";
  // A killed process stays as a zombie until its parent has asked for it.
  const other = owner.started !== undefined && owner.started !== now.started;
  return other || now.state === "Z" || now.state === "X" ? "dead" : "alive";
}

export const owners: Owners = {
  claim: async () => ({ owner: self(), end: () => {} }),
  stateOf,
};
