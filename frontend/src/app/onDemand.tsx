import { useEffect, useState, type ComponentType } from 'react';
import { Loading } from '@/components/states';

// A component that is loaded when it is drawn first; `early`: now, because the address names it. It is waited for without Suspense, which would show
// what stands for it for 300 ms, however soon it came.
export function onDemand<Props extends object>(load: () => Promise<ComponentType<Props>>, early = false): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  let failure: Error | undefined;
  const begin = () =>
    load().then(
      (component) => {
        loaded = component;
      },
      (error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
      },
    );
  let begun = early ? begin() : undefined;
  return function OnDemand(props: Props) {
    const [, setKnown] = useState(Boolean(loaded ?? failure));
    useEffect(() => {
      begun ??= begin();
      void begun.then(() => setKnown(true));
    }, []);
    if (failure) throw failure;
    const Loaded = loaded;
    return Loaded ? <Loaded {...props} /> : <Loading />;
  };
}
