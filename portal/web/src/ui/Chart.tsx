import 'uplot/dist/uPlot.min.css';

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';

import { timestamp } from '@/lib/format';
import { useSettings } from '@/lib/settings';
import { useNow } from '@/lib/now';

import css from './Chart.module.css';

export type ChartColor = 'accent' | 'info' | 'warn' | 'bad';

export interface Series {
  label: string;
  /** As many as there are times; null: not known then. */
  values: (number | null)[];
  /** A value as people read it: `duration`, `compact`, `rate`. */
  write: (value: number) => string;
  color: ChartColor;
  /** Second unit: its scale stands at the right. */
  isRight?: boolean;
  /** A limit rather than a course. */
  isDashed?: boolean;
}

export interface ChartProps {
  /** What it shows, also for who does not see it. */
  caption: string;
  /** Milliseconds since 1970, rising. */
  times: number[];
  series: Series[];
  height?: number;
}

const DASH = [6, 4];

// Canvas knows no variables: the browser is asked what they come to in this theme.
function colorOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

function optionsOf(element: HTMLElement, { series, height = 200 }: ChartProps, clock: 'local' | 'utc'): uPlot.Options {
  const [ink, line, font] = [colorOf(element, 'ink-faint'), colorOf(element, 'line'), '11px system-ui, sans-serif'];
  const axis = (side: Series | undefined, isRight: boolean): uPlot.Axis => ({
    scale: isRight ? 'right' : 'left',
    side: isRight ? 1 : 3,
    size: 62,
    stroke: ink,
    font,
    grid: { show: !isRight, stroke: line, width: 1 },
    ticks: { show: false },
    values: (_, values) => values.map((value) => side?.write(value) ?? ''),
  });
  const [left, right] = [series.find((one) => !one.isRight), series.find((one) => one.isRight)];
  return {
    width: element.clientWidth,
    height,
    ms: 1,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    ...(clock === 'utc' && { tzDate: (ms: number) => uPlot.tzDate(new Date(ms), 'Etc/UTC') }),
    scales: {
      left: { range: (_, __, max) => [0, Math.max(max, 1)] },
      right: { range: (_, __, max) => [0, Math.max(max, 1)] },
    },
    axes: [
      { stroke: ink, font, grid: { show: false }, ticks: { show: false } },
      ...(left ? [axis(left, false)] : []),
      ...(right ? [axis(right, true)] : []),
    ],
    series: [
      {},
      ...series.map((one) => ({
        label: one.label,
        scale: one.isRight ? 'right' : 'left',
        stroke: colorOf(element, one.color),
        width: 1.75,
        points: { show: false },
        ...(one.isDashed && { dash: DASH }),
      })),
    ],
  };
}

/** Courses over time. Its legend tells the values under the pointer, or the last ones. */
export default function Chart(props: ChartProps) {
  const { caption, times, series } = props;
  const { theme, clock } = useSettings();
  const root = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const data = useRef<uPlot.AlignedData>([[]]);
  const plot = useRef<uPlot | null>(null);
  data.current = [times, ...series.map((one) => one.values)];
  const shape = series.map((one) => `${one.label}${one.isRight}`).join();
  useNow(); // The last values grow old.

  const tell = (at: number | null | undefined) => {
    const index = at ?? times.length - 1;
    const when = times[index];
    legend.current?.querySelectorAll('[data-value]').forEach((element, i) => {
      const value = series[i]?.values[index];
      element.textContent = value === null || value === undefined ? '–' : (series[i]?.write(value) ?? '');
    });
    const time = legend.current?.querySelector('[data-time]');
    if (time) time.textContent = when === undefined ? '' : timestamp(when, clock);
  };
  const teller = useRef(tell);
  teller.current = tell;

  useEffect(() => {
    const element = root.current as HTMLDivElement;
    const options = optionsOf(element, props, clock);
    options.hooks = { setCursor: [(u) => teller.current(u.cursor.idx)] };
    const made = new uPlot(options, data.current, element);
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: props.height ?? 200 }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      made.destroy();
    };
    // Made anew for other series or colours; other data go into the one that is there.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [theme, clock, shape]);
  useEffect(() => {
    plot.current?.setData(data.current);
    teller.current(plot.current?.cursor.idx);
  }, [times, series]);

  return (
    <figure className={css.chart} aria-label={caption}>
      <div ref={legend} className={css.legend}>
        {series.map((one) => (
          <span key={one.label} className={`${css.key} ${css[one.color]} ${one.isDashed ? css.dashed : ''}`}>
            {one.label} <b data-value />
          </span>
        ))}
        <span data-time className={css.time} />
      </div>
      <div ref={root} className={css.plot} />
    </figure>
  );
}
