// What is answered at which path. Nothing is read from the disk here: a path names a row of this list, or nothing.
import type { IncomingMessage } from "node:http";
import type { StopSignal } from "../base/web.ts";
import { isLoopback } from "./access.ts";
import { type ByteBudget, withBody } from "./body.ts";
import { asJson, drawn } from "./drawn.ts";
import { picturesIn } from "./given.ts";
import type { Metrics } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import type { Settings } from "./options.ts";
import type { Page } from "./pages/frame.ts";
import { referencePage } from "./pages/reference.ts";
import { tryPage } from "./pages/try.ts";
import { answer, type Decoder, type Said, wantedOf } from "./predictions.ts";
import { Refusal } from "./refusal.ts";
import type { Served, Version } from "./served.ts";

/** All that answers are made from. */
export interface Site {
  readonly models: readonly Served[];
  readonly settings: Settings;
  readonly metrics: Metrics;
  readonly bytes: ByteBudget;
  readonly decoding: Decoder;
  readonly version: string;
  /** Requests that are served or wait. */
  serving(): number;
}

export interface Reply {
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly signal: StopSignal;
}

interface Route {
  readonly path: RegExp;
  readonly method: "GET" | "POST";
  /** Counts among those that are served at a time. */
  readonly heavy?: true;
  answer(site: Site, asked: Asked, name: string): Promise<Reply> | Reply;
}

/** Arrays of numbers as lists. */
const listed = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;

const json = (value: object): Reply => ({
  type: "application/json; charset=utf-8",
  body: `${JSON.stringify(value, listed)}\n`,
});
const page = ({ html, policy }: Page): Reply => ({
  type: "text/html; charset=utf-8",
  body: html,
  headers: { "content-security-policy": policy },
});

function modelOf({ models }: Site, name: string | undefined): Served {
  if (name === undefined) return models[0];
  const found = models.find((model) => model.name === name);
  if (found) return found;
  throw new Refusal(
    404,
    `There is no model ${JSON.stringify(name.slice(0, 60))}; there are ${models.map((one) => one.name).join(", ")}.`,
  );
}

async function predictions(site: Site, { request, url, signal }: Asked, name?: string): Promise<Reply> {
  const { settings, bytes, decoding } = site;
  const wanted = wantedOf(url.searchParams);
  const served = modelOf(site, name ?? wanted.model);
  const begin = performance.now();
  try {
    return await withBody(request, settings.bodyLimit, bytes, signal, async (body) => {
      const given = await picturesIn(body, request.headers["content-type"], settings.pictureLimit);
      return served.current.use(async (version) => {
        const said = await answer(given, version, wanted, decoding, signal);
        if (wantsPng(request)) return picture(said, served, version);
        const predictions = said.map(async ({ file, answer: found, size }) => ({
          ...(file !== undefined && { file }),
          ...(await asJson(found, version.preprocessing, size)),
        }));
        return json({
          ...{ model: served.name, version: version.number },
          predictions: await Promise.all(predictions),
        });
      });
    });
  } finally {
    served.metrics.requests.observe((performance.now() - begin) / 1000);
  }
}

/** Whether a picture is asked for, and JSON is not. */
const wantsPng = ({ headers: { accept = "" } }: IncomingMessage): boolean =>
  /image\/png/i.test(accept) && !/application\/json/i.test(accept);

async function picture(said: readonly Said[], { name }: Served, { preprocessing, task }: Version): Promise<Reply> {
  if (said.length !== 1)
    throw new Refusal(406, `A PNG answers one picture, and there are ${said.length}; ask for application/json.`);
  const found = await drawn(said[0].answer, preprocessing, said[0].size);
  if (found) return { type: "image/png", body: found.png };
  throw new Refusal(406, `${name} is a model for ${task}, which makes no pictures; ask for application/json.`);
}

const described = ({ name, current: { number, classes, preprocessing, sizes, task } }: Served) => {
  const { channels, height, width } = preprocessing;
  return { name, version: number, task, input: [channels, height, width], classes, batches: sizes };
};

export const routes: readonly Route[] = [
  { path: /^\/predict$/, method: "POST", heavy: true, answer: (site, asked) => predictions(site, asked) },
  {
    path: /^\/models\/([^/]+)\/predict$/,
    method: "POST",
    heavy: true,
    answer: (site, asked, name) => predictions(site, asked, name),
  },
  {
    path: /^\/models\/([^/]+)\/reload$/,
    method: "POST",
    heavy: true,
    async answer(site, { request }, name) {
      if (!isLoopback(request.socket.remoteAddress ?? ""))
        throw new Refusal(403, "Only this machine may have a model opened anew.");
      const served = modelOf(site, name);
      await served.reload();
      return json(described(served));
    },
  },
  { path: /^\/models$/, method: "GET", answer: ({ models }) => json({ models: models.map(described) }) },
  {
    path: /^\/healthz$/,
    method: "GET",
    answer: ({ models }) =>
      json({ status: "ok", models: models.map(({ name, current }) => ({ name, version: current.number })) }),
  },
  {
    path: /^\/metrics$/,
    method: "GET",
    answer: ({ metrics, models, serving }) => {
      const shown = models.map(({ name, metrics, current }) => ({
        ...{ name, metrics, queue: current.batcher.length, version: current.number },
      }));
      return { type: "text/plain; version=0.0.4; charset=utf-8", body: metrics.text(shown, serving()) };
    },
  },
  {
    path: /^\/openapi\.json$/,
    method: "GET",
    answer: ({ models, settings, version }) => json(openApi(models, settings, version)),
  },
  {
    path: /^\/docs$/,
    method: "GET",
    answer: ({ models, settings, version }, { url }) =>
      page(referencePage(openApi(models, settings, version), url.origin)),
  },
  { path: /^\/$/, method: "GET", answer: ({ models }) => page(tryPage(models)) },
];
