// The host in Node: a list of its parts. The same names stand in browser.ts.
export { clock } from "./clock.ts";
export { download } from "./download.ts";
export { files } from "./files.node.ts";
export { memory } from "./memory.node.ts";
export { owners } from "./owners.node.ts";
export { pictures } from "./pictures.node.ts";
export { threads } from "./threads.node.ts";
