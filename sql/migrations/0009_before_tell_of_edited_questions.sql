
-- Whoever asked is told, too, that moderators worded the question anew. Who was told of its approval before hears nothing more.

drop index question_untold;
alter table question drop column step;
alter table question add column step text not null generated always as (case
    when status = 'asked' then ''
    when status = 'answered' and answer <> '' then 'written'
    when status = 'approved' and original <> '' then 'edited'
    else status
end) stored;
update question set told = 'edited' where step = 'edited' and told = 'approved';
create index question_untold on question (changed_at) where told <> step;
