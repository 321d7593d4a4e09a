-- person_by_id: somebody signed in.  $1 person_id
select
    id, name, email, language, is_admin,
    exists (select from role where role.person_id = person.id and role.role = 'organiser') as organises
from person
where id = $1;

-- password_by_email: whose password to compare with; no row for a stranger.  $1 e-mail, in any case
select id, password_hash
from person
where lower(email) = lower($1);

-- set_password_hash: keep a hash made with today's parameters.  $1 person_id  $2 argon2id hash
update person
set password_hash = $2
where id = $1;

-- set_language: the language somebody chose by hand, for pages and letters.  $1 person_id  $2 language
update person
set language = $2
where id = $1;

-- demo_people: whom the demo signs in as, each with the mightiest role, organisers first.  No parameters
select person.name, person.email, held.role
from person
cross join lateral (
    select role.role, array_position(array['organiser', 'moderator', 'speaker', 'attendee'], role.role) as rank
    from role
    where role.person_id = person.id
    order by rank
    limit 1
) as held
where person.email like '%@demo.veche'
order by held.rank, person.id;
