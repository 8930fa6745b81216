import { useWholeTrace } from '@/api/queries';
import { Failure, Loading } from '@/components/states';
import { useT } from '@/i18n';
import { summarize, type Summary } from '@/lib/traceSummary';
import { SimilarTraces } from './SimilarTraces';

// The trace held against those that it was found with. Needs what spans do: lists of summaries do not tell.
export function SimilarTo({ traceId, among, onChoose }: { traceId: string; among: readonly Summary[]; onChoose: (traceId: string) => void }) {
  const t = useT();
  const known = among.some((one) => one.operations);
  const { data, error, refetch } = useWholeTrace(traceId, known);
  if (!known) return null;
  if (data) return <SimilarTraces trace={summarize(data.data)} traces={among} onChoose={onChoose} />;
  return error ? <Failure title={t('similar.failed')} error={error} retry={() => void refetch()} /> : <Loading rows={3} />;
}
