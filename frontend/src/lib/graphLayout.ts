export type LayoutNode = { id: string; box: string | undefined };
export type LayoutEdge = { source: string; target: string };
export type Place = { x: number; y: number; layer: number };

// Callers stand left of whom they call: each node one layer behind the farthest of its callers. Edges that close a circle do not count.
function layersOf(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Map<string, number> {
  const out = new Map<string, string[]>(nodes.map((node) => [node.id, []]));
  const callers = new Map<string, number>(nodes.map((node) => [node.id, 0]));
  for (const { source, target } of edges) {
    if (source === target || !out.has(source) || !callers.has(target)) continue;
    out.get(source)?.push(target);
    callers.set(target, (callers.get(target) ?? 0) + 1);
  }
  const roots = nodes.filter((node) => callers.get(node.id) === 0);
  const state = new Map<string, 'open' | 'done'>();
  const order: string[] = [];
  for (const start of roots.concat(nodes)) {
    if (state.has(start.id)) continue;
    const stack: Array<{ id: string; next: number }> = [{ id: start.id, next: 0 }];
    state.set(start.id, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const targets = out.get(top.id) ?? [];
      const target = targets[top.next];
      top.next += 1;
      if (target === undefined) {
        state.set(top.id, 'done');
        order.push(top.id);
        stack.pop();
      } else if (!state.has(target)) {
        state.set(target, 'open');
        stack.push({ id: target, next: 0 });
      } else if (state.get(target) === 'open') {
        targets.splice(top.next - 1, 1);
        top.next -= 1;
      }
    }
  }
  const layers = new Map<string, number>(nodes.map((node) => [node.id, 0]));
  for (const id of order.toReversed()) {
    for (const target of out.get(id) ?? []) layers.set(target, Math.max(layers.get(target) ?? 0, (layers.get(id) ?? 0) + 1));
  }
  return layers;
}

const kSweeps = 6;

// Places on a grid of layers, whose edges cross little: in some sweeps each node moves to the mean of its neighbours in the layer
// before, those of one box together. The same graph always looks the same.
export function layout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], gap: { x: number; y: number }): Map<string, Place> {
  const layers = layersOf(nodes, edges);
  const columns: LayoutNode[][] = [];
  for (const node of nodes) {
    const layer = layers.get(node.id) ?? 0;
    (columns[layer] ??= []).push(node);
  }
  const near = new Map<string, string[]>(nodes.map((node) => [node.id, []]));
  for (const { source, target } of edges) {
    near.get(source)?.push(target);
    near.get(target)?.push(source);
  }
  const rank = new Map<string, number>();
  const number = (column: readonly LayoutNode[]) => column.forEach((node, at) => rank.set(node.id, at - (column.length - 1) / 2));
  columns.forEach(number);
  for (let sweep = 0; sweep < kSweeps; sweep += 1) {
    const forth = sweep % 2 === 0;
    for (let step = 0; step < columns.length; step += 1) {
      const at = forth ? step : columns.length - 1 - step;
      const column = columns[at];
      if (!column) continue;
      const wish = new Map<string, number>();
      for (const node of column) {
        const others = (near.get(node.id) ?? []).filter((id) => (forth ? (layers.get(id) ?? 0) < at : (layers.get(id) ?? 0) > at));
        const sum = others.reduce((total, id) => total + (rank.get(id) ?? 0), 0);
        wish.set(node.id, others.length === 0 ? (rank.get(node.id) ?? 0) : sum / others.length);
      }
      const boxes = new Map<string, number[]>();
      for (const node of column) if (node.box) boxes.set(node.box, (boxes.get(node.box) ?? []).concat(wish.get(node.id) ?? 0));
      const key = (node: LayoutNode) => {
        const mine = node.box ? boxes.get(node.box) : undefined;
        return mine ? mine.reduce((a, b) => a + b, 0) / mine.length : (wish.get(node.id) ?? 0);
      };
      const before = new Map(column.map((node, place) => [node.id, place]));
      column.sort(
        (a, b) =>
          key(a) - key(b) ||
          (a.box ?? '').localeCompare(b.box ?? '') ||
          (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0) ||
          (before.get(a.id) ?? 0) - (before.get(b.id) ?? 0),
      );
      number(column);
    }
  }
  const places = new Map<string, Place>();
  const tallest = columns.reduce((most, column) => Math.max(most, column?.length ?? 0), 0);
  columns.forEach((column, layer) => {
    column?.forEach((node, at) => places.set(node.id, { layer, x: layer * gap.x, y: (at + (tallest - column.length) / 2) * gap.y }));
  });
  return places;
}
