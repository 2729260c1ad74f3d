// What the server counts, in the text format of Prometheus.

/** A count that only grows, by labels. */
export class Counter {
  readonly #counts = new Map<string, number>();

  add(labels: Readonly<Record<string, string>>, by = 1): void {
    const key = labelText(labels);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by);
  }

  lines(name: string): string[] {
    return [...this.#counts].map(([labels, count]) => `${name}${labels} ${count}`);
  }
}

/** How many values lie below each bound. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#sum += value;
    this.#count++;
    const place = this.#bounds.findIndex((bound) => value <= bound);
    if (place >= 0) this.#counts[place]++;
  }

  lines(name: string, labels: Readonly<Record<string, string>>): string[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, i) => {
      below += this.#counts[i];
      return `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${below}`;
    });
    return [
      ...buckets,
      `${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${this.#count}`,
      `${name}_sum${labelText(labels)} ${this.#sum}`,
      `${name}_count${labelText(labels)} ${this.#count}`,
    ];
  }
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const labelText = (labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
};

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Of one model. */
export class ModelMetrics {
  readonly requests = new Histogram(seconds);
  readonly computing = new Histogram(seconds);
  readonly batches = new Histogram([1, 2, 4, 8, 16, 32, 64, 128, 256]);
}

/** What a model shows beside what it counts. */
export interface Gauges {
  readonly name: string;
  readonly metrics: ModelMetrics;
  readonly queue: number;
  readonly version: number;
}

export class Metrics {
  /** By model ("" where it names none) and status. */
  readonly requests = new Counter();
  readonly #started = Date.now() / 1000;

  text(models: readonly Gauges[], serving: number): string {
    const family = (name: string, type: string, help: string, lines: readonly string[]): string[] => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...lines,
    ];
    const gauge = (name: string, of: (model: Gauges) => number): string[] =>
      models.map((model) => `${name}${labelText({ model: model.name })} ${of(model)}`);
    const histogram = (name: string, of: (metrics: ModelMetrics) => Histogram): string[] =>
      models.flatMap((model) => of(model.metrics).lines(name, { model: model.name }));
    const all = [
      family(
        "neocog_requests_total",
        "counter",
        "Requests answered, by model and status.",
        this.requests.lines("neocog_requests_total"),
      ),
      family("neocog_requests_serving", "gauge", "Requests being served or waiting.", [
        `neocog_requests_serving ${serving}`,
      ]),
      family(
        "neocog_request_seconds",
        "histogram",
        "From the head of a request for predictions to its answer.",
        histogram("neocog_request_seconds", ({ requests }) => requests),
      ),
      family(
        "neocog_compute_seconds",
        "histogram",
        "Of the engine, for what was taken from the queue at a time.",
        histogram("neocog_compute_seconds", ({ computing }) => computing),
      ),
      family(
        "neocog_batch_pictures",
        "histogram",
        "Pictures computed together.",
        histogram("neocog_batch_pictures", ({ batches }) => batches),
      ),
      family(
        "neocog_queue_pictures",
        "gauge",
        "Pictures that wait.",
        gauge("neocog_queue_pictures", ({ queue }) => queue),
      ),
      family(
        "neocog_model_version",
        "gauge",
        "Grows with every reload.",
        gauge("neocog_model_version", ({ version }) => version),
      ),
      family("process_resident_memory_bytes", "gauge", "Memory of the process.", [
        `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      ]),
      family("process_start_time_seconds", "gauge", "Since 1970.", [`process_start_time_seconds ${this.#started}`]),
    ];
    return `${all.flat().join("\n")}\n`;
  }
}
