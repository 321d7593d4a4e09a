-- A block's form carries the marks of what it was opened with, so blocks count their changes no more.

alter table landing_block drop column version;
