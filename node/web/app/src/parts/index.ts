// parts/index.ts - all parts that pages are made of.
//
//   icon      Icon, Logo
//   basics    Button, LinkButton, Badge, Notice, ProblemNotice, Panel, PageHead, Empty, Shown (what is being read),
//             Bar (percent), Tabs
//   fields    TextField, PasswordField, AreaField, SelectField, CheckField, ErrorSummary; bare: Area, Select
export * from './basics.tsx';
export * from './fields.tsx';
export * from './icon.tsx';
