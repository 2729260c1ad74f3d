// Serving models over HTTP, in Node.
//
//   import { openModel } from "neocog";
//   import { serve } from "neocog/serve";
//
//   const server = await serve({ digits: () => openModel("runs/digits") }, { port: 8080 });

export type { ServeOptions } from "../serve/options.ts";
export type { Servable } from "../serve/served.ts";
export { type ModelServer, serve } from "../serve/server.ts";
