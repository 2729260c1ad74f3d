// What a picture is taken for, in Node, by a bundle and nothing else of neocog; sharp decodes the picture.
//   npx neocog train digits
//   npx neocog bundle runs/digits
//   node predict.mjs seven.png
import sharp from "sharp";
import { predict } from "./digits.mjs";

const picture = sharp(process.argv[2]).flatten({ background: "white" }).toColourspace("srgb");
const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
const guesses = await predict({ data, width: info.width, height: info.height }, { top: 3 });

for (const { label, probability } of guesses) console.log(`${label}  ${(100 * probability).toFixed(1)} %`);
