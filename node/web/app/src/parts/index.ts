// parts/index.ts - all parts that pages are made of.
//
//   icon      Icon, Logo
//   basics    Button, LinkButton, Badge, Notice, ProblemNotice, Panel, PageHead, Empty, Shown (what is being read),
//             Bar (percent), Tabs
//   fields    TextField, PasswordField, AreaField, SelectField, CheckField, ErrorSummary; bare: Area, Select
//   rows      useSheet: rows of one sheet with what is unsaved, drafts, undo
//   grid      Grid: a sheet one types in (editor: one cell; paste: a block from Excel before it becomes rows)
//   rowform   RowForm: one row as a form; OneField: a field of any kind that saves itself
//   saved     RowState, SavedState: what became of what was typed; Meanwhile: it changed elsewhere
//   history   History: who changed this cell, when
//   threads   Threads, Thread, useThreads: remarks and answers beside what they are about
//   attachments  Attachments: photos and files of an object
//   chart     PercentChart: the line of a percentage over time
//   diff      Diff: two texts, and in what words they differ
//   tiles     Tiles: regions by province, coloured; sorted: SortedTable, a table that is read
export * from './attachments.tsx';
export * from './basics.tsx';
export * from './chart.tsx';
export * from './diff.tsx';
export * from './fields.tsx';
export * from './grid.tsx';
export * from './history.tsx';
export * from './icon.tsx';
export type { Block } from './paste.tsx';
export * from './rowform.tsx';
export * from './rows.ts';
export * from './saved.tsx';
export * from './threads.tsx';
export * from './tiles.tsx';
