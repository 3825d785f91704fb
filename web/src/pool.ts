/** Workers, and the jobs that wait for one. */
import workerUrl from "./worker?worker&url";
import type { Answer, Job } from "./worker";

interface Task {
  job: Job;
  answer(answer: Answer): void;
  done(): void;
}

/**
 * A worker made of a blob has the page's own policy, so it can make no request
 * either, wherever the page is served from.
 */
function start(): Worker {
  const script = `import ${JSON.stringify(new URL(workerUrl, document.baseURI).href)};`;
  const blob = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  return new Worker(blob, { type: "module" });
}

export class Pool {
  readonly #free: Worker[] = [];
  readonly #waiting: Task[] = [];
  #running = new Map<Worker, Task>();
  readonly #most = Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1));

  get idle(): boolean {
    return this.#running.size === 0 && this.#waiting.length === 0;
  }

  /** Runs a job as soon as a worker is free; `answer` gets all that it tells. */
  run(job: Job, answer: (answer: Answer) => void): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ job, answer, done });
      this.#next();
    });
  }

  /** Ends all work that is under way or waits. */
  stop(): void {
    for (const [worker, task] of this.#running) {
      worker.terminate();
      task.done();
    }
    this.#running = new Map();
    this.#waiting.splice(0).forEach((task) => task.done());
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const worker = this.#free.pop() ?? (this.#running.size < this.#most ? this.#hire() : undefined);
    if (!worker) return;
    const task = this.#waiting.shift()!;
    this.#running.set(worker, task);
    worker.postMessage(task.job);
  }

  #hire(): Worker {
    const worker = start();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.kind === "done") this.#end(worker);
      else this.#running.get(worker)?.answer(data);
    };
    worker.onerror = (event) => {
      const message = event.message || "the worker could not be started";
      this.#running.get(worker)?.answer({ kind: "failed", message });
      worker.terminate();
      this.#end(worker, true);
    };
    return worker;
  }

  #end(worker: Worker, broken = false): void {
    const task = this.#running.get(worker);
    this.#running.delete(worker);
    if (!broken) this.#free.push(worker);
    task?.done();
    this.#next();
  }
}
