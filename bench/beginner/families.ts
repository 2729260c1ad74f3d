// Families of folders of pictures as a beginner may have them, drawn on the spot: each picture a function of (seed, family, class,
// place), of any size and format. What the defaults of `train` are judged by.
import { Random } from "../../src/doors/neocog.ts";

/** What a picture is drawn from. */
export interface Scene {
  readonly random: Random;
  readonly width: number;
  readonly height: number;
}

/** A kind of task: its classes, and how a picture of each is drawn, as the inside of an SVG. */
export interface Family {
  readonly name: string;
  readonly classes: readonly string[];
  draw(name: string, scene: Scene): string;
  /** Every picture is gray. */
  readonly gray?: true;
}

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.uniform();
const hue = (random: Random): string =>
  `hsl(${Math.round(between(random, 0, 360))},${Math.round(between(random, 45, 100))}%,${Math.round(between(random, 30, 70))}%)`;
const brightness = (random: Random, low: number, high: number): string =>
  `hsl(0,0%,${Math.round(between(random, low, high))}%)`;

/** One colour, or one that runs into another. */
function ground({ random, width, height }: Scene, one: string, other: string): string {
  const turn = Math.round(between(random, 0, 360));
  return `<defs><linearGradient id="ground" gradientTransform="rotate(${turn} .5 .5)"><stop offset="0" stop-color="${one}"/><stop offset="1" stop-color="${other}"/></linearGradient></defs><rect width="${width}" height="${height}" fill="url(#ground)"/>`;
}

/** Where something lies wholly within the picture: its middle and its radius. */
function place({ random, width, height }: Scene): { readonly x: number; readonly y: number; readonly r: number } {
  const r = between(random, 0.2, 0.45) * Math.min(width, height);
  return { x: between(random, r, width - r), y: between(random, r, height - r), r };
}

const points = (corners: readonly (readonly [number, number])[]): string =>
  corners.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

/** Corners around a middle, at radii that take turns. */
function around(x: number, y: number, radii: readonly number[], count: number, turn: number): string {
  return points(
    Array.from({ length: count }, (_, i) => {
      const angle = turn + (2 * Math.PI * i) / count;
      const radius = radii[i % radii.length];
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const;
    }),
  );
}

function shape(name: string, scene: Scene, fill: string): string {
  const { x, y, r } = place(scene);
  const turn = between(scene.random, 0, 2 * Math.PI);
  if (name === "circle") return `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`;
  const corners = { triangle: [[r], 3], square: [[r], 4], star: [[r, 0.42 * r], 10] } as const;
  const [radii, count] = corners[name as keyof typeof corners];
  return `<polygon points="${around(x, y, radii, count, turn)}" fill="${fill}"/>`;
}

const forms = ["circle", "square", "star", "triangle"];
const hues = { blue: 225, green: 120, red: 0, yellow: 55 } as const;

/** Stripes, checks, dots or rings of two colours over the whole picture. */
function texture(name: string, scene: Scene): string {
  const { random, width, height } = scene;
  const [one, other] = [brightness(random, 5, 40), hue(random)];
  const step = between(random, 0.08, 0.16) * Math.min(width, height);
  const turn = Math.round(between(random, 0, 360));
  const within = {
    stripes: `<rect width="${step / 2}" height="${step}" fill="${one}"/>`,
    checks: `<path d="M0 0h${step / 2}v${step / 2}h-${step / 2}zM${step / 2} ${step / 2}h${step / 2}v${step / 2}h-${step / 2}z" fill="${one}"/>`,
    dots: `<circle cx="${step / 2}" cy="${step / 2}" r="${step * 0.32}" fill="${one}"/>`,
    crosses: `<path d="M${step * 0.2} ${step * 0.4}h${step * 0.6}v${step * 0.2}h-${step * 0.6}zM${step * 0.4} ${step * 0.2}h${step * 0.2}v${step * 0.6}h-${step * 0.2}z" fill="${one}"/>`,
  };
  return `<defs><pattern id="texture" width="${step}" height="${step}" patternUnits="userSpaceOnUse" patternTransform="rotate(${turn})">${within[name as keyof typeof within]}</pattern></defs><rect width="${width}" height="${height}" fill="${other}"/><rect width="${width}" height="${height}" fill="url(#texture)"/>`;
}

/** An arrow that points left, right, up or down, give or take a few degrees. */
function arrow(name: string, scene: Scene): string {
  const { random } = scene;
  const { x, y, r } = place(scene);
  const turn = { right: 0, down: 90, left: 180, up: 270 }[name]! + between(random, -12, 12);
  const corners = [
    ...([
      [-0.9, -0.22],
      [0.1, -0.22],
      [0.1, -0.6],
      [0.95, 0],
      [0.1, 0.6],
      [0.1, 0.22],
      [-0.9, 0.22],
    ] as const),
  ].map(([across, down]) => [across * r, down * r] as const);
  return `<polygon transform="translate(${x} ${y}) rotate(${turn})" points="${points(corners)}" fill="${hue(random)}"/>`;
}

/** Grounds of colours that leave what lies on them to be seen. */
const coloured = (scene: Scene): string =>
  ground(scene, brightness(scene.random, 75, 100), brightness(scene.random, 75, 100));

export const families: readonly Family[] = [
  {
    name: "forms",
    classes: forms,
    draw(name, scene) {
      const { random } = scene;
      const dark = random.uniform() < 0.5;
      const tone = Math.round(between(random, 0, 360));
      const light = (low: number, high: number) => `hsl(${tone},60%,${Math.round(between(random, low, high))}%)`;
      const [one, other] = dark ? [light(8, 25), light(8, 25)] : [light(80, 95), light(80, 95)];
      return ground(scene, one, other) + shape(name, scene, hue(random));
    },
  },
  {
    name: "colours",
    classes: Object.keys(hues),
    draw(name, scene) {
      const { random } = scene;
      const tone = hues[name as keyof typeof hues] + Math.round(between(random, -14, 14));
      const form = forms[random.below(forms.length)];
      const fill = `hsl(${tone},${Math.round(between(random, 60, 100))}%,${Math.round(between(random, 38, 62))}%)`;
      return coloured(scene) + shape(form, scene, fill);
    },
  },
  { name: "textures", classes: ["checks", "crosses", "dots", "stripes"], draw: texture },
  {
    name: "arrows",
    classes: ["down", "left", "right", "up"],
    draw: (name, scene) => coloured(scene) + arrow(name, scene),
  },
  {
    name: "gray forms",
    gray: true,
    classes: forms,
    draw: (name, scene) =>
      ground(scene, brightness(scene.random, 70, 100), brightness(scene.random, 70, 100)) +
      shape(name, scene, brightness(scene.random, 5, 50)),
  },
];

/** One picture as an SVG: upright or across, up to 16:9, with sides of 90 to 400 pixels. */
export function picture(family: Family, name: string, seed: number, place: number): string {
  const random = new Random(seed, `${family.name}/${name}/${place}`);
  const long = Math.round(between(random, 120, 400));
  const short = Math.max(90, Math.round(long / between(random, 1, 16 / 9)));
  const [width, height] = random.uniform() < 0.5 ? [long, short] : [short, long];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${family.draw(name, { random, width, height })}</svg>`;
}
