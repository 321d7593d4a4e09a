-- blocks: what a landing page is made of, from top to bottom.  $1 conference_id
select id, position, kind, content, hidden
from landing_block
where conference_id = $1
order by position;

-- hold_page: let nobody else lay this page out until the transaction ends.  $1 conference_id
select id
from conference
where id = $1
for update;

-- add_block: a new block at the end.  $1 conference_id  $2 kind  $3 content
insert into landing_block (conference_id, position, kind, content)
select $1, coalesce(max(position), 0) + 1, $2, $3::jsonb
from landing_block
where conference_id = $1
returning id;

-- change_block: new content of a block.  $1 conference_id  $2 id  $3 content
update landing_block
set content = $3
where conference_id = $1 and id = $2;

-- hide_block: show a block to visitors or not.  $1 conference_id  $2 id  $3 hidden
update landing_block
set hidden = $3
where conference_id = $1 and id = $2 and hidden <> $3
returning id;

-- delete_block: take a block off the page.  $1 conference_id  $2 id
delete from landing_block
where conference_id = $1 and id = $2
returning position, kind, content, hidden;

-- restore_block: put a deleted block back with its number; nothing when it is there already.  $1 id  $2 conference_id  $3 kind  $4 content  $5 hidden
insert into landing_block (id, conference_id, position, kind, content, hidden)
overriding system value
select
    $1,
    $2,
    (select coalesce(max(position), 0) + 1 from landing_block where conference_id = $2),
    $3,
    $4,
    $5
on conflict (id) do nothing
returning id;

-- arrange: put the blocks of a page into this order.  $1 conference_id  $2 ids from top to bottom
update landing_block
set position = place.at
from unnest($2::bigint[]) with ordinality as place (id, at)
where landing_block.conference_id = $1 and landing_block.id = place.id;

-- deleted: what a block was when it was deleted last.  $1 conference_id  $2 subject
select before
from change
where conference_id = $1 and what = 'landing.delete' and subject = $2
order by id desc
limit 1;

-- choose_theme: how the pages of a conference look.  $1 conference_id  $2 theme
update conference
set theme = $2
where id = $1 and theme <> $2
returning id;

-- pictures: the pictures of a conference, the newest first.  $1 conference_id
select digest, width, height
from picture
where conference_id = $1
order by id desc;
