// The host in a browser: a list of its parts. The same names stand in node.ts.
export { clock } from "./clock.ts";
export { download, sha256 } from "./download.ts";
export { files } from "./files.browser.ts";
export { pictures } from "./pictures.browser.ts";
export { threads } from "./threads.browser.ts";
