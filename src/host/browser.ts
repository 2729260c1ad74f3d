// The host in a browser: a list of its parts. The same names stand in node.ts.
export { clock } from "./clock.ts";
export { download } from "./download.ts";
export { files } from "./files.browser.ts";
export { memory } from "./memory.browser.ts";
export { owners } from "./owners.browser.ts";
export { pictures } from "./pictures.browser.ts";
export { threads } from "./threads.browser.ts";
