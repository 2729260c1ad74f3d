// Memory in a browser, which tells nothing of it.
import type { Memory } from "./host.ts";

export const memory: Memory = { peak: () => undefined, free: () => undefined };
