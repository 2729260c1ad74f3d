// `neocog serve runs/digits`: what trained models take pictures for, over HTTP.
import { type ModelServer, type Servable, serve } from "../../src/doors/serve.ts";
import type { serveCard } from "../cards/serve.ts";
import { type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { withEngine } from "../engine.ts";
import { openPictureModel, type RunnableForm, servedName } from "../model.ts";

export const run: Run<typeof serveCard> = async (
  given,
  { engine, threads, wide, input, classes, weights, prepared, classNames, cors, hosts, bodyLimit, pixelLimit, ...rest },
  context,
) => {
  const models = modelsOf(given, { input, classes, weights, prepared, classNames }, context);
  return withEngine({ engine, threads, wide }, { ...context, signal: new AbortController().signal }, async (opened) => {
    const server = await serve(models, {
      ...told(rest),
      ...told({ cors: listOf(cors), hosts: listOf(hosts) }),
      ...(bodyLimit !== undefined && { bodyLimit: bodyLimit * 2 ** 20 }),
      ...(pixelLimit !== undefined && { pixelLimit: pixelLimit * 1_000_000 }),
      engine: opened,
    });
    const names = Object.keys(models);
    context.say(
      `${context.paint.title(server.url)} answers for ${names.join(", ")}`,
      context.paint.faint("a page to drop pictures on there, the API at /docs; Ctrl-C ends it"),
    );
    await untilStopped(server, context);
    return { json: { url: server.url, models: names }, lines: () => ["All that was asked is answered."] };
  });
};

/** Models by name, each opened when the server wants it. */
function modelsOf(given: readonly string[], form: RunnableForm, context: Context): Record<string, Servable> {
  const models: Record<string, Servable> = {};
  for (const word of given) {
    const at = /^[\w.-]+=/.exec(word)?.[0].length ?? 0;
    const path = word.slice(at);
    const name = at > 0 ? word.slice(0, at - 1) : servedName(path);
    if (Object.hasOwn(models, name))
      throw new UsageError(`Two models are called ${name}; give one another name, such as other=${path}.`);
    models[name] = () => openPictureModel(path, form, context);
  }
  return models;
}

const listOf = (text: string | undefined): string[] | undefined =>
  text === undefined
    ? undefined
    : text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");

/** Without what was not told. */
const told = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

function untilStopped(server: ModelServer, { signal }: Context): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => void server.close().then(resolve, reject);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
