/** A node of a document, as far as places are asked for. Offsets are those of its characters. */
export type TreeNode = MappingNode | ListNode | ScalarNode | AliasNode;

export interface MappingNode {
  readonly kind: 'mapping';
  readonly offset: number;
  members: Member[];
}

/** A key and its value, as they are written: one key may be given twice. */
export interface Member {
  readonly key: TreeNode | undefined;
  value: TreeNode | undefined;
}

export interface ListNode {
  readonly kind: 'list';
  readonly offset: number;
  items: (TreeNode | undefined)[];
}

export interface ScalarNode {
  readonly kind: 'scalar';
  offset: number;
  /** What it says, without quotes and escapes. */
  readonly text: string | undefined;
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly offset: number;
  /** What it stands for. */
  readonly target: () => TreeNode | undefined;
}
