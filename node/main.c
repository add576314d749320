/* main.c - argv to the command table. */
int main(void)
{
	return 0;
}
