import { Link, useSearchParams } from 'react-router';
import { keepShared, subjectPath, type Kind } from '@/lib/urls';

export function SubjectLink({ kind, namespace, name, tab }: { kind: Kind; namespace: string; name: string; tab?: string }) {
  const [search] = useSearchParams();
  return <Link to={keepShared(subjectPath(kind, namespace, name), search, { tab })}>{name}</Link>;
}
