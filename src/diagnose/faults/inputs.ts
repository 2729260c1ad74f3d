// What reaches the first layer: its scale, channels that say nothing, and pixels that are cut off.
import { diagnosis, percent, short } from "../diagnosis.ts";

const widest = 5;
const farthest = 3;
const flattest = 0.02;

export const unnormalisedInputs = diagnosis({
  name: "unnormalised-inputs",
  about: "the numbers that reach the first layer are far from mean 0 and deviation 1",
  needs: ["pictures"],
  untrained: true,
  threshold: `a channel's deviation above ${widest} or below ${flattest}, or a mean beyond ${farthest}; not of networks that scale their input themselves`,
  source: "LeCun et al. 1998, Efficient BackProp, 4.3",
  next: "leave normalisation to train, which measures it, or give mean and std with --prepared",
  look({ pictures: { channels, preprocessing, scalesItself } }) {
    if (scalesItself) return [];
    const bad = channels
      .map((channel, place) => ({ ...channel, place }))
      .filter(({ mean, std }) => std > 0 && (std > widest || std < flattest || Math.abs(mean) > farthest));
    if (bad.length === 0) return [];
    const [{ place, mean, std, least, most }] = bad;
    return [
      {
        severity: std > widest || Math.abs(mean) > farthest ? "severe" : "warning",
        said: `Channel ${place} of the input has the mean ${short(mean)} and the deviation ${short(std)}, from ${short(least)} to ${short(most)}; the preprocessing is mean ${preprocessing.mean.map(short).join(" ")}, std ${preprocessing.std.map(short).join(" ")} of 0 to ${preprocessing.range}.`,
        evidence: { channels: bad.map((one) => String(one.place)), mean, std, least, most, threshold: widest },
      },
    ];
  },
});

export const constantChannel = diagnosis({
  name: "constant-channel",
  about: "a channel has the same value in every pixel of every picture",
  needs: ["pictures"],
  untrained: true,
  threshold: "a deviation of 0",
  source: "what does not vary tells nothing",
  next: "look at the files; where they are gray, train with --gray",
  look({ pictures: { channels } }) {
    const flat = channels.flatMap(({ least, most }, place) => (most - least === 0 ? [String(place)] : []));
    if (flat.length === 0) return [];
    return [
      {
        severity: flat.length === channels.length ? "severe" : "warning",
        said: `Channel ${flat.join(", ")} of ${channels.length} is ${short(channels[Number(flat[0])].least)} everywhere.`,
        evidence: { channels: flat, threshold: 0 },
      },
    ];
  },
});

const clipped = 0.4;

export const saturatedInputs = diagnosis({
  name: "saturated-inputs",
  about: "pixels are cut off at black or white, and what they held is lost",
  needs: ["pictures"],
  untrained: true,
  threshold: `${percent(clipped)} of the pixels beside the background are at the end of the scale, in pictures that are not of two values alone`,
  source: "a sensor or a conversion that clips; what is cut off cannot be learned from",
  next: "make the pictures anew from their originals, with less gain or exposure",
  look({ pictures: { pixels } }) {
    const { low, high } = pixels;
    const [background, other] = low >= high ? [low, high] : [high, low];
    const between = 1 - low - high;
    // Drawings of two values are as they are meant.
    if (between < 0.03 || background >= 0.995) return [];
    const share = other / (1 - background);
    const [value, most] = high >= low && high > 0.85 ? [high, 0.85] : [share, clipped];
    if (value < most) return [];
    return [
      {
        severity: "warning",
        said: `${percent(high)} of the pixels are white and ${percent(low)} black to the end; only ${percent(between)} lie between.`,
        evidence: { white: high, black: low, between, value, threshold: most },
      },
    ];
  },
});
