/** Tells the user what the toolchain does. */
export interface Report {
  /** Says one fact. */
  readonly say: (line: string) => void;
  /** Begins something that takes time. */
  readonly begin: (what: string, expectedSeconds?: number) => Activity;
}

/** Something that takes time and is shown until it ends. */
export interface Activity {
  /** Ends it and says how it went, such as "done". */
  readonly end: (outcome: string) => void;
}

/** Where a report is written. */
export interface ReportStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** A report that says nothing. */
export const silentReport: Report = { say: () => undefined, begin: () => ({ end: () => undefined }) };

/** One plain line when something begins and one when it ends; on a terminal a line that counts the seconds meanwhile. */
export function reportTo(stream: ReportStream, now: () => number = Date.now): Report {
  return stream.isTTY === true ? liveReport(stream, now) : plainReport(stream, now);
}

/** "3 min 31 s" or "12 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Below so many seconds nobody needs to be told how long it took. */
const WORTH_TELLING = 2;

function ended(what: string, outcome: string, seconds: number): string {
  return seconds < WORTH_TELLING ? `${what}: ${outcome}` : `${what}: ${outcome} (${duration(seconds)})`;
}

function plainReport(stream: ReportStream, now: () => number): Report {
  const say = (line: string) => void stream.write(`${line}\n`);
  return {
    say,
    begin: (what, expectedSeconds) => {
      const started = now();
      if (expectedSeconds !== undefined) say(`${what}: about ${duration(expectedSeconds)}`);
      return { end: (outcome) => say(ended(what, outcome, (now() - started) / 1000)) };
    },
  };
}

function liveReport(stream: ReportStream, now: () => number): Report {
  interface Live {
    readonly what: string;
    readonly started: number;
    readonly expectedSeconds: number | undefined;
  }
  const live = new Set<Live>();
  let timer: NodeJS.Timeout | undefined;

  const clear = () => void stream.write("\r\u001b[2K");
  const draw = () => {
    const text = [...live].map((one) => {
      const elapsed = duration((now() - one.started) / 1000);
      return one.expectedSeconds === undefined
        ? `${one.what} ${elapsed}`
        : `${one.what} ${elapsed} of about ${duration(one.expectedSeconds)}`;
    });
    clear();
    // A line wider than the terminal would wrap, and could not be taken back.
    stream.write(text.join(" | ").slice(0, (stream.columns ?? 80) - 1));
  };
  const say = (line: string) => {
    clear();
    stream.write(`${line}\n`);
    if (live.size > 0) draw();
  };
  return {
    say,
    begin: (what, expectedSeconds) => {
      const one: Live = { what, started: now(), expectedSeconds };
      live.add(one);
      timer ??= setInterval(draw, 1000).unref();
      draw();
      return {
        end: (outcome) => {
          live.delete(one);
          if (live.size === 0) {
            clearInterval(timer);
            timer = undefined;
          }
          say(ended(what, outcome, (now() - one.started) / 1000));
        },
      };
    },
  };
}
