// Serves models over HTTP: Node's own server, which has the limits and timeouts; here is what is done with a request, and how all
// ends. One bad request is refused in a sentence, and the server goes on.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, type OptionsOf, recordOf, something } from "../base/rules.ts";
import { openEngine } from "../run/engines.ts";
import { checkHost, corsFor, hostsFor, preflight } from "./access.ts";
import { ByteBudget } from "./body.ts";
import { Metrics, ModelMetrics } from "./metrics.ts";
import { type ServeOptions, type Settings, serveRules, settingsOf } from "./options.ts";
import { Decoder } from "./predictions.ts";
import { busy, Refusal } from "./refusal.ts";
import { type Reply, routes, type Site } from "./routes.ts";
import { type Servable, Served } from "./served.ts";
import { Turns } from "./turns.ts";

/** A server that answers. */
export interface ModelServer {
  /** Its address, such as http://127.0.0.1:8080. */
  readonly url: string;
  /** Opens a model anew beside the old version, which answers until then. Throws where that cannot be, and the old one goes on. */
  reload(name: string): Promise<void>;
  /** Takes no more requests, gives the answers that were begun, and ends; after so many seconds, 10 unless told, in any case. */
  close(options?: {
    /** Seconds. */
    readonly within?: number;
  }): Promise<void>;
}

/**
 * Serves models over HTTP: `POST /predict` with the bytes of a picture, a form or JSON gives the likeliest classes, the same to the
 * bit as `predict`. Models go by name; one given as a function, such as `() => openModel("runs/digits")`, is opened by it, and anew
 * for every reload. Throws where a model cannot be opened or the address cannot be had.
 */
export async function serve(
  models: Readonly<Record<string, Servable>>,
  options: ServeOptions = {},
): Promise<ModelServer> {
  understand("serve", arguments, {
    models: recordOf(something("a trained model, or a function that opens one"), "trained models by name"),
    options: byName<OptionsOf<typeof serve>>(serveRules),
  });
  const settings = settingsOf(options);
  const names = Object.keys(models);
  if (names.length === 0) throw new NeocogError("serve needs at least one model.");
  for (const name of names) {
    if (!/^[\w.-]{1,60}$/.test(name))
      throw new NeocogError(
        `${JSON.stringify(name)} cannot be a model's name; it has letters, digits, dots, dashes and underscores, 60 at most.`,
      );
  }
  const engine = options.engine ?? (await openEngine());
  const served: Served[] = [];
  const end = async (): Promise<void> => {
    for (const { current } of served) current.retire();
    if (!options.engine) await engine.close();
  };
  try {
    const home = { engine, turns: new Turns(), settings };
    for (const [name, given] of Object.entries(models))
      served.push(await Served.open(name, given, home, new ModelMetrics()));
    return await new HttpServer(served, settings, end).listen();
  } catch (error) {
    await end();
    throw error;
  }
}

const common = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

class HttpServer implements ModelServer {
  url = "";
  readonly #server: Server;
  readonly #settings: Settings;
  readonly #site: Site;
  readonly #end: () => Promise<void>;
  #hosts: ReadonlySet<string> | undefined;
  #serving = 0;
  #closing: Promise<void> | undefined;

  constructor(models: readonly Served[], settings: Settings, end: () => Promise<void>) {
    this.#settings = settings;
    this.#end = end;
    this.#hosts = hostsFor(settings.host, settings.hosts);
    this.#site = {
      ...{ models, settings, metrics: new Metrics(), version: "1" },
      bytes: new ByteBudget(Math.max(2 ** 28, 4 * settings.bodyLimit)),
      decoding: new Decoder(settings.pixelLimit),
      serving: () => this.#serving,
    };
    const most = settings.timeout * 1000;
    this.#server = createServer(
      // A head must be there soon; the body has its own time, after which the answer is 408.
      {
        headersTimeout: Math.min(most, 10_000),
        requestTimeout: most + 1000,
        connectionsCheckingInterval: 500,
        maxHeaderSize: 16_384,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxRequestsPerSocket = 0;
    this.#server.on("clientError", refuseConnection);
    // Nobody is asked to send on, or to speak another protocol.
    this.#server.on("checkExpectation", (request, response) => void this.#serve(request, response));
  }

  async listen(): Promise<this> {
    const { host, port } = this.#settings;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) =>
        reject(new NeocogError(whyNot(error, host, port), { cause: error })),
      );
      this.#server.listen(port, host.replace(/^\[|\]$/g, ""), resolve);
    });
    const { address, port: taken, family } = this.#server.address() as AddressInfo;
    this.url = `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
    return this;
  }

  async reload(name: string): Promise<void> {
    const found = this.#site.models.find((model) => model.name === name);
    if (!found)
      throw new NeocogError(
        `There is no model ${name}; there are ${this.#site.models.map((one) => one.name).join(", ")}.`,
      );
    try {
      await found.reload();
    } catch (error) {
      throw error instanceof Refusal ? new NeocogError(error.message, { cause: error }) : error;
    }
  }

  close({ within = 10 }: { readonly within?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(within);
    return this.#closing;
  }

  async #close(within: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const last = setTimeout(() => this.#server.closeAllConnections(), within * 1000);
    await closed;
    clearTimeout(last);
    await this.#end();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const stop = new AbortController();
    const timer = setTimeout(
      () =>
        stop.abort(
          new Refusal(
            request.complete ? 503 : 408,
            `The request was not ${request.complete ? "answered" : "there"} within ${this.#settings.timeout} seconds.`,
          ),
        ),
      this.#settings.timeout * 1000,
    );
    response.once("close", () => {
      clearTimeout(timer);
      stop.abort(new Refusal(400, "The connection ended."));
    });
    let model = "";
    let cors: Readonly<Record<string, string>> = {};
    let status = 200;
    let reply: Reply | undefined;
    let headers: Readonly<Record<string, string>> = {};
    try {
      checkHost(request, this.#hosts);
      cors = corsFor(request, this.#settings.cors);
      if (this.#closing) throw new Refusal(503, "The server is stopping.", { "retry-after": "10" });
      const { route, name, url } = routeOf(request);
      if (route === "preflight") status = 204;
      else {
        model = this.#modelFor(route.path, name, url);
        const asked = { request, url, signal: stop.signal };
        reply = await (route.heavy
          ? this.#counted(() => route.answer(this.#site, asked, name))
          : route.answer(this.#site, asked, name));
        headers = reply.headers ?? {};
      }
      if (route === "preflight") headers = preflight;
    } catch (error) {
      const refusal = error instanceof Refusal ? error : fault(error);
      status = refusal.status;
      headers = refusal.headers;
      reply = { type: "application/json; charset=utf-8", body: `${JSON.stringify({ error: refusal.message })}\n` };
    }
    this.#site.metrics.requests.add({ model, status: String(status) });
    send(request, response, status, reply, { ...common, ...cors, ...headers }, this.#closing !== undefined);
  }

  /** The model that a request is counted for: none where it names none that there is. */
  #modelFor(path: RegExp, name: string, { pathname, searchParams }: URL): string {
    const [first] = this.#site.models;
    const asked = pathname === "/predict" && path.test(pathname) ? (searchParams.get("model") ?? first.name) : name;
    return this.#site.models.some((one) => one.name === asked) ? asked : "";
  }

  /** Serves so many at a time; one more is told to come again. */
  async #counted(work: () => Promise<Reply> | Reply): Promise<Reply> {
    if (this.#serving >= this.#settings.queue) {
      const delay = Math.max(...this.#site.models.map(({ current }) => current.batcher.delay));
      throw busy(`${this.#serving} requests are being served already; come again later.`, delay);
    }
    this.#serving++;
    try {
      return await work();
    } finally {
      this.#serving--;
    }
  }
}

type Found = { readonly route: (typeof routes)[number] | "preflight"; readonly name: string; readonly url: URL };

function routeOf(request: IncomingMessage): Found {
  const { method = "", url: target = "", headers } = request;
  const address = `http://${headers.host ?? "localhost"}`;
  if (!target.startsWith("/") || !URL.canParse(target, address))
    throw new Refusal(400, "The request's target is no path.");
  const url = new URL(`${address}${target}`);
  const fitting = routes.flatMap((route) => {
    const found = route.path.exec(url.pathname);
    return found ? [{ route, name: decoded(found[1] ?? "") }] : [];
  });
  if (fitting.length === 0)
    throw new Refusal(404, `There is nothing at ${url.pathname.slice(0, 100)}; /docs tells what there is.`);
  if (method === "OPTIONS") return { route: "preflight", name: "", url };
  const asked = method === "HEAD" ? "GET" : method;
  const found = fitting.find(({ route }) => route.method === asked);
  if (found) return { ...found, url };
  const allow = fitting.map(({ route }) => route.method).join(", ");
  throw new Refusal(405, `${url.pathname.slice(0, 100)} is asked by ${allow}, not ${method.slice(0, 20)}.`, { allow });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(400, "The request's path is not encoded as it should be.");
  }
}

/** What is not a refusal is a fault: told to whoever runs the server, and to the client only that it is one. */
function fault(error: unknown): Refusal {
  const told = error instanceof NeocogError ? error.message : "The server has a fault.";
  console.error(error instanceof NeocogError ? `neocog: ${error.message}` : error);
  return new Refusal(500, told);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  reply: Reply | undefined,
  headers: Readonly<Record<string, string>>,
  last: boolean,
): void {
  if (response.destroyed) return;
  // What was not read is let run out for a moment, so that the client sees the answer instead of a broken connection.
  const unread = !request.complete;
  const told = reply && { "content-type": reply.type, "content-length": String(Buffer.byteLength(reply.body)) };
  response.writeHead(status, { ...told, ...headers, ...((unread || last) && { connection: "close" }) });
  if (unread) {
    request.resume();
    const { socket } = request;
    setTimeout(() => socket.destroy(), 1000).unref();
  }
  response.end(request.method === "HEAD" ? undefined : reply?.body);
}

/** What is no request gets an answer as well, where somebody still listens. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket | import("node:stream").Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const [status, sentence] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "The request's headers are larger than 16 KiB."]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "The request did not come in time."]
        : ["400 Bad Request", "This is no request of HTTP that is understood."];
  const body = `${JSON.stringify({ error: sentence })}\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function whyNot({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  const mends: Readonly<Record<string, string>> = {
    EADDRINUSE: "another program listens there; choose another port.",
    EACCES: "this user may not; choose a port above 1023.",
    EADDRNOTAVAIL: "it is none of this machine's addresses.",
    ENOTFOUND: "the name leads to no address.",
  };
  return `${host}:${port} cannot be listened on: ${mends[code ?? ""] ?? `${message}.`}`;
}
