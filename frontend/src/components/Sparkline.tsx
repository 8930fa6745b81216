import { useT } from '@/i18n';
import { sparkPath, type Spark } from '@/lib/spark';

const kWidth = 120;
const kHeight = 22;

// A small line over time with what it is of and its figure beside it. Who does not see it hears the least, the most and the last.
export function Sparkline({ label, figure, spark, format, bad = false, testId }: {
  label: string;
  figure: string;
  spark: Spark | undefined;
  format: (value: number) => string;
  bad?: boolean;
  testId?: string;
}) {
  const t = useT();
  return (
    <div className="ms-spark" data-testid={testId}>
      <span>{label}</span>
      {spark ? (
        <svg
          role="img"
          aria-label={t('spark.said', { label, least: format(spark.least), most: format(spark.most), last: format(spark.last) })}
          viewBox={`0 -1 ${kWidth} ${kHeight + 2}`}
          preserveAspectRatio="none"
        >
          <path d={sparkPath(spark.values, kWidth, kHeight)} className={bad ? 'ms-spark-bad' : ''} />
        </svg>
      ) : (
        <span />
      )}
      <strong className={bad ? 'ms-bad-text' : ''}>{figure}</strong>
    </div>
  );
}
