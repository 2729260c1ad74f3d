// What the server answers, as an OpenAPI document made of the models that it has. The readable page is made of the same document.
import type { TaskName } from "../use/tasks/list.ts";
import type { Settings } from "./options.ts";
import type { Served } from "./served.ts";

type Json = Readonly<Record<string, unknown>>;

const text = (description: string): Json => ({
  description,
  content: { "text/plain": { schema: { type: "string" } } },
});
const json = (description: string, name: string): Json => ({
  description,
  content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
});
const refusals: Json = Object.fromEntries(
  Object.entries({
    400: "The request is not understood.",
    404: "There is no model of this name.",
    406: "A PNG is asked for, and the answer is none.",
    408: "The request did not come in time.",
    413: "Too many bytes, pixels or pictures.",
    415: "The body is of a kind that is not taken.",
    422: "A picture cannot be read.",
    429: "Too much is asked at once; Retry-After tells when to come again.",
    503: "The server is stopping, or had no time for the request.",
  }).map(([status, description]) => [status, json(description, "Refusal")]),
);

const likeliest: Json = {
  type: "array",
  description: "The likeliest, the surest first.",
  items: {
    type: "object",
    required: ["name", "label", "probability"],
    properties: {
      name: { type: "string" },
      label: { type: "integer", description: "Place among the model's classes." },
      probability: { type: "number" },
    },
  },
};
const drawing = (description: string): Json => ({
  type: "object",
  description,
  required: ["height", "width", "png"],
  properties: {
    height: { type: "integer" },
    width: { type: "integer" },
    png: { type: "string", format: "byte", description: "The base64 of a PNG." },
  },
});

/** What is said of one picture, by task. */
const answers: Readonly<Record<TaskName, Json>> = {
  classification: {
    name: { type: "string", description: "The likeliest class." },
    probability: { type: "number" },
    classes: likeliest,
  },
  multilabel: {
    tags: { type: "array", items: { type: "string" }, description: "Those of a probability of a half or more." },
    classes: likeliest,
  },
  regression: {
    numbers: { type: "object", additionalProperties: { type: "number" }, description: "By name." },
    values: { type: "array", items: { type: "number" }, description: "In the model's order." },
  },
  segmentation: {
    mask: drawing("A class for every pixel, as the index of a colour; of the picture's size where it came as a file."),
    areas: {
      type: "array",
      description: "Classes that are in the picture, the largest first.",
      items: {
        type: "object",
        properties: {
          name: { type: "string" },
          label: { type: "integer" },
          pixels: { type: "integer", description: "Of the size that the model sees." },
          share: { type: "number" },
        },
      },
    },
  },
  "image-to-image": { picture: drawing("What the model makes of the picture.") },
};

/** `ImageToImage` of image-to-image. */
const schemaOf = (task: string): string =>
  task.replaceAll(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase());

const schemas: Json = {
  ...Object.fromEntries(
    Object.entries(answers).map(([task, properties]) => [
      schemaOf(task),
      { type: "object", required: Object.keys(properties), properties },
    ]),
  ),
  Refusal: {
    type: "object",
    required: ["error"],
    properties: { error: { type: "string", description: "One sentence." } },
  },
  Predictions: {
    type: "object",
    required: ["model", "version", "predictions"],
    properties: {
      model: { type: "string" },
      version: { type: "integer", description: "Grows with every reload." },
      predictions: {
        type: "array",
        description: "One for each picture, in their order.",
        items: {
          allOf: [
            {
              type: "object",
              properties: { file: { type: "string", description: "Its name, where it came with one." } },
            },
            { anyOf: Object.keys(answers).map((task) => ({ $ref: `#/components/schemas/${schemaOf(task)}` })) },
          ],
        },
      },
    },
  },
  Input: {
    oneOf: [
      {
        type: "object",
        required: ["image"],
        properties: { image: { type: "string", format: "byte", description: "The base64 of a picture's file." } },
      },
      {
        type: "object",
        required: ["pixels"],
        properties: {
          pixels: {
            type: "array",
            description: "[channels][height][width], or [height][width] of a gray picture.",
            items: {},
          },
          dtype: { enum: ["uint8", "float32"], description: "0 to 255 unless told, or 0 to 1." },
        },
      },
    ],
  },
};

function predictOperation(summary: string, parameters: readonly Json[]): Json {
  const input = { $ref: "#/components/schemas/Input" };
  return {
    summary,
    parameters: [
      ...parameters,
      {
        name: "top",
        in: "query",
        description: "Classes to name for each picture.",
        schema: { type: "integer", minimum: 1, default: 5 },
      },
      {
        name: "invert",
        in: "query",
        description: "Turn dark into bright first.",
        schema: { type: "boolean", default: false },
      },
    ],
    requestBody: {
      required: true,
      content: {
        "image/*": {
          schema: { type: "string", format: "binary", description: "A file: PNG, JPEG, WebP, GIF, TIFF or AVIF." },
        },
        "multipart/form-data": {
          schema: { type: "object", additionalProperties: { type: "string", format: "binary" } },
        },
        "application/json": {
          schema: {
            oneOf: [
              input,
              { type: "object", required: ["inputs"], properties: { inputs: { type: "array", items: input } } },
            ],
          },
        },
      },
    },
    responses: {
      200: {
        description:
          "What every picture is taken for; by models that make masks or pictures, for one picture a PNG if Accept asks for it.",
        content: {
          "application/json": { schema: { $ref: "#/components/schemas/Predictions" } },
          "image/png": { schema: { type: "string", format: "binary" } },
        },
      },
      ...refusals,
    },
  };
}

const grouped = (count: number): string => count.toLocaleString("en-US");

export function openApi(models: readonly Served[], settings: Settings, version: string): Json {
  const names = models.map(({ name }) => name);
  const model = { description: "Which model.", schema: { enum: names, default: names[0] } };
  const path = { ...model, name: "name", in: "path", required: true };
  const told = models.map(({ name, current: { preprocessing, classes, task } }) => {
    const { channels, height, width } = preprocessing;
    const names = task === "classification" ? `${classes.length} classes` : task;
    return `${name}: ${channels} x ${height} x ${width}, ${names}`;
  });
  return {
    openapi: "3.1.0",
    info: {
      title: "Neocog",
      version,
      description: `Models: ${told.join("; ")}. A request may have ${grouped(settings.bodyLimit)} bytes and ${settings.pictureLimit} pictures of ${grouped(settings.pixelLimit)} pixels at most.`,
    },
    paths: {
      "/predict": { post: predictOperation("What pictures are taken for", [{ ...model, name: "model", in: "query" }]) },
      "/models/{name}/predict": { post: predictOperation("What pictures are taken for by one model", [path]) },
      "/models": {
        get: {
          summary: "The models",
          responses: { 200: { description: "Name, version, input and classes of each." } },
        },
      },
      "/models/{name}/reload": {
        post: {
          summary: "Opens a model anew; only for this machine",
          description: "The old version answers until the new one is ready, and goes on where it cannot be opened.",
          parameters: [path],
          responses: {
            200: { description: "The new version." },
            ...refusals,
            403: json("Asked from another machine.", "Refusal"),
          },
        },
      },
      "/healthz": {
        get: {
          summary: "Whether it answers",
          responses: { 200: { description: "It does." }, 503: json("It is stopping.", "Refusal") },
        },
      },
      "/metrics": { get: { summary: "Counts for Prometheus", responses: { 200: text("Text format 0.0.4.") } } },
      "/openapi.json": { get: { summary: "This document", responses: { 200: { description: "OpenAPI 3.1." } } } },
    },
    components: { schemas },
  };
}
