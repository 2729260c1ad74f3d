// Memory in Node: what this program has taken at most, and what the machine (or the container around it) has left.
import { freemem } from "node:os";
import type { Memory } from "./host.ts";

export const memory: Memory = {
  peak: () => process.resourceUsage().maxRSS * 1024,
  free() {
    const limit = process.constrainedMemory?.() ?? 0;
    const within = limit > 0 && limit < Number.MAX_SAFE_INTEGER ? limit - process.memoryUsage.rss() : Infinity;
    return Math.max(0, Math.min(freemem(), within));
  },
};
