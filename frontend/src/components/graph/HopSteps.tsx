import { useCallback, useEffect, useState } from 'react';
import { Button } from '@patternfly/react-core';
import { useUrlState } from '@/app/urlState';
import { useT } from '@/i18n';
import { formatDuration } from '@/lib/duration';
import type { Hop } from '@/lib/graphView';

const kPace = 1200; // ms for a call, when they are played

// One call of the trace after the other, by hand or by themselves. The address has the number of the one that is looked at.
export function HopSteps({ calls, said }: { calls: readonly Hop[]; said: (hop: Hop) => string }) {
  const t = useT();
  const { number, replace } = useUrlState();
  const [playing, setPlaying] = useState(false);
  const last = calls.length;
  const inside = useCallback((hop: number) => Math.min(last, Math.max(0, hop)), [last]);
  const at = inside(number('hop', 0)); // 0: all of them
  const step = useCallback(
    (by: number) => {
      let to = 0;
      replace((now) => {
        to = inside(inside(now.number('hop', 0)) + by);
        return { hop: to > 0 ? String(to) : null };
      });
      if (to >= last) setPlaying(false);
    },
    [inside, last, replace],
  );
  const all = () => replace({ hop: null });
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => step(1), at === 0 ? 0 : kPace);
    return () => clearTimeout(timer);
  }, [playing, at, step]);
  const play = () => {
    if (!playing && at >= last) all();
    setPlaying(!playing);
  };
  const hop = calls[at - 1];
  return (
    <div className="ms-hop-steps">
      <div className="ms-row">
        <Button size="sm" variant="secondary" isDisabled={at === 0} onClick={() => step(-1)}>{t('graph.previousCall')}</Button>
        <Button size="sm" variant="secondary" isDisabled={at >= last} onClick={() => step(1)}>{t('graph.nextCall')}</Button>
        <Button size="sm" variant="secondary" onClick={play} data-testid="play">{t(playing ? 'graph.pause' : 'graph.play')}</Button>
        <Button size="sm" variant="link" isDisabled={at === 0} onClick={all}>{t('graph.allCalls')}</Button>
      </div>
      <p role="status" className="ms-reason" data-testid="current-hop">
        {hop ? `${t('graph.callOf', { at, count: last })} ${said(hop)}, ${t('graph.after', { offset: formatDuration(hop.offset) })}, ${formatDuration(hop.duration)}` : ''}
      </p>
    </div>
  );
}
