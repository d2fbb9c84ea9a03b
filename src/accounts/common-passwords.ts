/** What guessers try first, of 8 characters or more, in lower case. */
const WORDS = `
!qaz2wsx !qaz@wsx 00000000 000000000 0000000000 11111111 111111111 1111111111 11112222 11223344
1122334455 112233445566 12121212 12123434 12312312 123123123 1231231234 123321123 12341234 123412345
12344321 123454321 1234554321 123456123 123456123456 123456654321 12345678 123456789 1234567890
1234567891 12345678910 123456789a 123456789q 12345678a 12345679 1234567a 1234567b 1234567q 123456aa
123456abc 123456as 123456qwe 123456qwerty 12345qwert 1234abcd 1234qwer 123abc123 123password 123qwe123
123qwe123qwe 123qweasd 123qweasdzxc 147258369 147852369 14789632 159357456 159753456 159951159 19841984
19851985 19861986 19871987 19881988 19891989 19901990 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx
1qaz2wsx3edc 1qaz@wsx 20002000 20202020 20212021 20222022 20232023 20242024 20252025 21212121 22222222
222222222 23232323 25252525 31415926 314159265 3141592654 321321321 33333333 44444444 456456456 55555555
555555555 5555555555 56785678 66666666 666666666 69696969 77777777 777777777 7777777777 78787878
789456123 7894561230 87654321 876543210 88888888 888888888 8888888888 963852741 98765432 987654321
9876543210 987654321a 99999999 999999999 9999999999 a1234567 a12345678 a123456789 a1b2c3d4 a1b2c3d4e5
aa123456 aa12345678 aaaaaaaa aaaaaaaaaa abc12345 abc123456 abc123abc abcabcabc abcd1234 abcd12345
abcde12345 abcdef123 abcdefg1 abcdefg123 abcdefgh abcdefghi abcdefghij access123 access14 admin123
admin1234 admin12345 admin123456 admin2024 admin2025 admin@123 adminadmin administrator administrator1
agency123 alexander alexander1 alexandra andrew123 anthony1 asd123456 asdf1234 asdfasdf asdfgh123
asdfghjk asdfghjkl asdfghjkl123 asdfqwer ashley123 assassin asshole1 automation automation1 autumn2024
autumn2025 azerty123 azertyuiop babygirl babygirl1 babygirl123 bailey123 baseball baseball1 basketball
batman123 beautiful beautiful1 benjamin bigdaddy blackberry blahblah blessed1 blessing blink182 bluebird
bond0007 brandon1 brittany brooklyn bubbles1 bullshit buster123 butterfly butterfly1 carolina caroline
changeme changeme! changeme1 changeme123 charlie1 charlie123 chocolate chocolate1 christian christina
christopher computer computer1 computer123 contraseña correcthorse correcthorsebatterystaple corvette
cowboys1 creative cristina danger123 daniel12 daniel123 danielle december default1 default123 demo1234
demodemo diamond1 dolphins dragon12 dragon123 dragon1234 dragonball elephant elizabeth elizabeth1
esteghlal esteghlal1 facebook facebook1 facebook123 fatemeh1 february fernando fireball firebird
flower123 football football1 football123 forever1 forever21 freedom1 freedom123 friends1 friendship
fuckoff1 fuckyou! fuckyou1 fuckyou123 gangster garfield gateway1 gemini12 godzilla goldfish google123
googlegoogle greenday guest123 guestguest guitar123 hahahaha hallo123 hannah123 happy123 happyday
harley123 heather1 hello123 hello1234 hello12345 hellohello hellokitty helloworld helloworld1 hockey123
hossein1 hosseini hunter12 hunter123 iloveme1 iloveyou iloveyou! iloveyou1 iloveyou12 iloveyou123
iloveyou2 iloveyou3 internet internet1 internet123 iran1234 jackson1 jasmine1 jennifer jennifer1
jessica1 jessica123 jonathan jonathan1 jordan123 jordan23 juventus killer12 killer123 kristina lakers24
lasvegas letmein! letmein1 letmein123 letmeinnow liverpool liverpool1 liverpool123 logitech london123
lovelove lovelove1 loveme123 loveyou1 madison1 manager1 manager123 manchester manutd123 marina123
marlboro martin123 master123 mastermaster matrix123 matthew1 maverick mercedes mercedes1 metallic
metallica metallica1 michael1 michael123 michelle michelle1 mickey123 midnight midnight1 minecraft
minecraft1 mohamed1 mohammad mohammad1 mohammed monkey12 monkey123 monkey1234 monster1 monster123
motdepasse mountain muhammad mustang1 mylove123 mypassword naruto123 ncc1701d newpassword nicholas
nicholas1 nicole123 ninja123 nintendo nothing1 november november1 october1 ohmygod1 operator orange123
p@ssw0rd p@ssw0rd1 p@ssword p@ssword1 p@ssword123 pa$$w0rd pa$$word pakistan pakistan123 panther1
parola123 pass1234 pass12345 pass123456 pass@123 pass@1234 pass@word1 passpass passpass1 passport
passw0rd passw0rd1 passw0rd123 password password! password01 password1 password1! password12 password123
password123! password1234 password12345 password2 password2020 password2021 password2022 password2023
password2024 password2025 password2026 password@1 password@123 passwordpassword passwort passwort1
passwort123 patricia patrick1 peaches1 peanut123 perspolis perspolis1 phoenix1 playboy1 playstation
pokemon1 pokemon123 princess princess1 princess12 princess123 pumpkin1 purple123 q1w2e3r4 q1w2e3r4t5
qazwsx12 qazwsx123 qazwsxedc qwe12345 qwe123qwe qweasd123 qweasdzxc qwer1234 qwerasdf qwerty1! qwerty12
qwerty123 qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyui qwertyuiop qwertyuiop123 raiders1
rainbow1 rangers1 rebecca1 redskins redsox04 richard1 robert123 root1234 root12345 rootpassword rootroot
salam123 salamsalam samantha samantha1 samsung1 samsung123 sandra123 savannah scooter1 scorpio1 scorpion
sebastian secret12 secret123 secretsecret senha123 september server123 shadow12 shadow123 silver123
simpsons slipknot slipknot1 snickers snowball soccer123 softball spider123 spiderman spiderman1
spongebob spring2024 spring2025 startrek starwars starwars1 steelers steelers1 stephanie stephanie1
strawberry summer01 summer123 summer2023 summer2024 summer2025 sunshine sunshine1 sunshine12 sunshine123
superman1 superman123 superuser supervisor support1 support123 swimming swordfish sysadmin sysadmin1
system123 taylor123 tehran123 tennis123 terminator test1234 test12345 test123456 testing1 testing123
testpassword testtest thailand thepassword thomas123 thunder1 thx11381 tigger123 tokens123 toortoor
topsecret tottenham trustno1 trustno1! unicorn1 user1234 username username1 vanessa1 veronica victoria
victoria1 vincent1 volleyball warcraft warrior1 welcome1 welcome1! welcome12 welcome123 welcome123!
welcome2024 welcome2025 welcome@123 westside whatever whatever1 william1 winter2023 winter2024
winter2025 wordpass wordpress yamaha123 yankees1 yourpassword zaq12wsx zaq1zaq1 zimmer123 zimmerzimmer
zxcvbnm, zxcvbnm1 zxcvbnm123
`

const COMMON = new Set(WORDS.trim().split(/\s+/))

/** Whatever its case. */
export const isCommonPassword = (password: string) => COMMON.has(password.toLowerCase())
