"""What goes wrong, what must hold then, and where that is tried.

| What is done | What must hold | Where |
| --- | --- | --- |
| kill -9 at any moment and at every step, from the sources to three surfaces | each release and each level is told once in every channel | test_pipeline_killed |
| kill -9 of one part: delivery, a fan-out, news, prices, a study, a silence | nothing is lost, nothing told twice | test_kill, test_fanout, test_slack, test_news_killed, test_prices_killed, test_aftershock_killed, test_silence |
| kill -9 while a backup is made | a backup is whole or is none | test_backup_killed |
| SIGTERM and SIGINT at any moment, also while the program begins | it ends with 0 within ten seconds; nothing is lost or told twice | test_signals |
| a second program on the same folder | it is refused; the first goes on | test_signals |
| the disk fills up in the middle of a fan-out | one line in the log; all is told once there is room | test_disk_full |
| a full or read-only disk at the start | one sentence, exit code 2, the database as it was | test_disk_full |
| a database, file or folder that may not be written | one sentence; told once it may be again | test_read_only |
| another program holds the database | reads are answered; leases that run out meanwhile send nothing twice | test_locked |
| a damaged database | one sentence that names the backup and says to restore, exit code 2 | test_corrupted |
| the machine's clock jumps by minutes, hours, days and 400 days, both ways | each thing is told once, seconds later; nothing waits for the wrong time to come again | test_clock, tests/cycle/test_set_back |
| the event loop stands still for longer than a lease | nothing is lost or told twice; no burst beyond the limit; logged once with its length | test_stall, tests/test_pulse |
| the whole process is stopped for longer than a heartbeat, also cut off meanwhile | Discord and Slack are back, each alert is told once; jobs that were due run, none beside itself | test_stalled_program |
| every source is down for a day, each in another way, then all are back | nothing is told meanwhile, a release once, the missed close by its own session; few requests | test_outage |
| every source accepts and never answers, or trickles, for half a day | /status says what fails and since when, and how old the last good values are; nothing is asked before its pause is over; a modest first minute | test_hanging_sources |
| the price stream or Slack's socket is never opened | it is given up in time, said so, and tried again | tests/market/test_stream, tests/surfaces/slack/test_link |
| Discord's gateway drops, resumes, declares sessions invalid, says nonsense | alerts arrive, commands are answered afterwards, sessions stay within a thousand a day, nothing leaks | test_flapping |
| Slack's socket is cut, refused, ended | a command is answered once, nothing leaks | test_flapping |
| Discord and Slack are down for an hour while 10,000 alerts wait | all are told once, each channel's in order, at the pace allowed; no channel is given up | test_surfaces_down |
| a fall that cannot be told for an hour; a recovery meanwhile | it says of when it is; the recovery comes after it | tests/cycle/test_late |
| two servers and two workspaces type whatever they like, over the wire | nothing of one is told to another or changed by it | tests/test_communities_live |
| no name can be looked up, from the start on | the program starts, /status says why, it recovers without a restart | test_names |
| look-ups of names hang: surfaces, feeds, price lists, price stream | commands are answered, asyncio's threads are free, it recovers; the end takes under ten seconds | test_hung_names, tests/test_lookups |
| 384 MB for the program and its reading child | charts and studies are answered | test_memory |
| ninety simulated days, everything in use | nothing is lost or told twice, nothing grows | test_soak |
| a year of a busy bot, pruned daily | the file stops growing | test_year_kept |
"""  # noqa: E501 - a table
