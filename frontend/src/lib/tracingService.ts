// Which labels say what application something is of, in this order, as the server reads them.
const kLabels = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'] as const;

type Labels = Readonly<Record<string, string>>;

export const appOf = (labels: Labels | null | undefined, otherwise: string): string =>
  kLabels.map((label) => labels?.[label]).find((one) => one !== undefined && one !== '') ?? otherwise;

// What proxies call themselves in their spans: their application, with its namespace where that is how the mesh is set up.
export const tracingService = (app: string, namespace: string, withNamespace: boolean): string => (withNamespace ? `${app}.${namespace}` : app);
