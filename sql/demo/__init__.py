"""A conference worth looking at, for a database with nothing in it: invented people, drawn portraits, a live chat.

seed.py        puts it all in, in one transaction
conference.py  what it is about: names, channels, sessions around the present moment
landing.py     what its landing page says, block by block
speakers.py    who speaks, in three languages, and the features of each face
portraits.py   draws a face from its features
people.py      who can sign in
stage.py       what the hall asked, and the polls it voted in
chat.py        what the hall has been saying for the last hour
"""
